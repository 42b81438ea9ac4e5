# SPDX-FileCopyrightText: The Mistral SDK authors
# SPDX-License-Identifier: Apache-2.0
"""Swift: its connection, and its service that moves many objects at a time.

Both get the container store's URL from the catalogue and the token from the session, so neither
logs in, and neither ever sees a password.
"""

from __future__ import annotations

import contextlib
import functools
import os
import re
from typing import TYPE_CHECKING, Any

from mistral_extra.actions.openstack.services import borrowing, construction
from mistral_lib.actions import Masker

if TYPE_CHECKING:
    from collections.abc import Iterator

    from mistral_extra.actions.content_folders import ContentFolders
    from mistral_extra.actions.openstack.access import Access
    from mistral_extra.actions.openstack.transport import Timeouts

__all__ = ["SwiftServiceClient", "connection", "service", "storage_url"]

#: The client sleeps between attempts, deaf to a cancellation: fewer, and sooner, than its default
#: of five over half a minute. A workflow's retry policy is the place for more.
_RETRIES = 2
_FIRST_PAUSE_S = 0.2

#: Bytes that are held of an object that is streamed.
_PIECE = 65536


def connection(access: Access, version: str | None, microversion: str | None) -> Any:
    """Return a ``swiftclient.Connection``: one thread's, as it keeps the state of its request."""
    return _connection(access)


def _connection(access: Access, limits: Timeouts | None = None) -> Any:
    """Return a connection that sends as the session does.

    :param limits: other than those of the thread that sends.
    """
    from mistral_extra.actions.openstack import destinations, transport

    # It would log the first half of a token.
    construction.load("swiftclient.client:logger_settings")["reveal_sensitive_prefix"] = 0
    opened = construction.load("swiftclient.client:Connection")(
        session=access.session,
        preauthurl=storage_url(access),
        os_options=_os_options(access),
        retries=_RETRIES,
        starting_backoff=_FIRST_PAUSE_S,
        **borrowing.tls_options(access),
    )
    connect, capabilities = opened.http_connection, opened.get_capabilities

    def bounded(url: str | None = None) -> Any:
        parsed, sender = connect(url)
        guard = transport.guard_of(access.session)
        if url is not None and not destinations.may_carry_token(access.endpoint, url):
            # Not from the catalogue, but from a workflow's author.
            guard = destinations.Guard()
        transport.bound(sender.request_session, guard, limits)
        return parsed, sender

    @functools.wraps(capabilities)
    def get_capabilities(url: str | None = None) -> Any:
        if url is None:
            return capabilities()
        # It would go on with that connection, and the token, for all that comes after.
        opened.close()
        try:
            return capabilities(url)
        finally:
            opened.close()

    opened.http_connection, opened.get_capabilities = bounded, get_capabilities
    return opened


def storage_url(access: Access) -> str:
    """Return the URL of the project's account.

    A catalogue has it whole. One that has only the server's gets the account that Swift names after
    the project; a version without an account is complete, since Ceph's gateway knows whose token it
    sees.
    """
    url = access.endpoint.rstrip("/")
    return url if re.search(r"/v\d", url) else f"{url}/v1/AUTH_{access.project_id}"


def _os_options(access: Access) -> dict[str, Any]:
    return {
        "region_name": access.region,
        "endpoint_type": access.interface,
        "service_type": access.service_type,
    }


def service(access: Access, version: str | None, microversion: str | None) -> SwiftServiceClient:
    """Return the calls of ``swiftclient.service.SwiftService``."""
    return SwiftServiceClient(access)


class SwiftServiceClient:
    """The methods of SwiftService, each call on threads and connections of its own.

    A SwiftService takes its token once and keeps forty threads until it is closed: one that lived
    on in a cache would outlive its token, and hold the threads for nothing.
    """

    def __init__(self, access: Access) -> None:
        self._access = access
        self._class = construction.load("swiftclient.service:SwiftService")

    def __getattr__(self, name: str) -> Any:
        import inspect

        method = getattr(self._class, name)
        if name.startswith("_") or not inspect.isfunction(method):
            raise AttributeError(f"SwiftService has no method {name!r}")

        @functools.wraps(method)
        def call(*args: Any, **kwargs: Any) -> Any:
            opened = self._open()
            try:
                outcome = method(opened, *args, **kwargs)
                if inspect.isgenerator(outcome):
                    return _closing(opened, map(self._without_token, outcome))
            except BaseException:
                opened.__exit__(None, None, None)
                raise
            opened.__exit__(None, None, None)
            return self._without_token(outcome)

        # As a bound method shows itself: without self.
        _, *rest = inspect.signature(method).parameters.values()
        call.__signature__ = inspect.Signature(rest)  # type: ignore[attr-defined]
        return call

    def upload(
        self, container: str, objects: list[str], options: dict[str, Any] | None = None
    ) -> Iterator[dict[str, Any]]:
        """Upload files of the executor, from folders that the operator opened.

        :param container: where to, perhaps with a pseudo-folder behind a slash.
        :param objects: paths of files; the objects are called as they are.
        :param options: of this upload.
        :returns: what came of each.
        """
        from mistral_extra import config
        from mistral_extra.actions.content_folders import content_folders

        folders = content_folders(config.OPENSTACK_ACTIONS_GROUP)
        source = construction.load("swiftclient.service:SwiftUploadObject")
        with contextlib.ExitStack() as stack:
            given, paths = [], {}
            for path in objects:
                file = stack.enter_context(folders.open(path, "Parameter 'objects'"))
                # Whatever the path leads to by now, the client opens this file.
                opened = f"/dev/fd/{file.fileno()}"
                paths[opened] = path
                given.append(source(opened, object_name=path.lstrip("/")))
            for outcome in self._call("upload", container, given, options):
                shown = paths.get(outcome.get("path", ""))
                yield outcome if shown is None else {**outcome, "path": shown}

    def download(
        self,
        container: str | None = None,
        objects: list[str] | None = None,
        options: dict[str, Any] | None = None,
    ) -> Iterator[dict[str, Any]]:
        """Download objects into new files of the executor, in folders that the operator opened.

        SwiftService itself would write wherever an object's name leads, and over what is there.

        :param container: from which; all containers with the option ``yes_all``.
        :param objects: names; all of them by default.
        :param options: of those of SwiftService, ``out_directory``, ``out_file``, ``no_download``,
            ``prefix``, ``remove_prefix``, ``marker``, ``header``, ``version_id`` and ``yes_all``.
        :returns: what came of each.
        """
        from mistral_extra import config
        from mistral_extra.actions.content_folders import content_folders

        choices = options or {}
        folders = content_folders(config.OPENSTACK_ACTIONS_GROUP)
        to_file = not choices.get("no_download") and choices.get("out_file") != "-"
        if to_file:
            # One error instead of one for each object.
            target = choices.get("out_file") or choices.get("out_directory") or os.curdir
            folders.resolve(target, "Parameter 'options'")
        one = _connection(self._access)
        try:
            for place, name in self._names(container, objects, choices):
                outcome = _downloaded(one, place, name, choices, folders if to_file else None)
                yield self._without_token(outcome)
        finally:
            one.close()

    def _names(
        self, container: str | None, objects: list[str] | None, choices: dict[str, Any]
    ) -> Iterator[tuple[str, str]]:
        """Yield container and name of each object to download."""
        if container and objects is not None:
            yield from ((container, name) for name in objects)
            return
        containers = [container] if container else []
        if not container and choices.get("yes_all"):
            containers = [found["name"] for found in self._listing(None, {})]
        narrowing = {key: choices[key] for key in ("prefix", "marker") if choices.get(key)}
        for each in containers:
            yield from ((each, found["name"]) for found in self._listing(each, narrowing))

    def _listing(self, container: str | None, options: dict[str, Any]) -> Iterator[dict[str, Any]]:
        for page in self._call("list", container, options):
            if not page["success"]:
                raise page["error"]
            yield from page["listing"]

    def _without_token(self, outcome: Any) -> Any:
        """Return what came of a part; of one that failed, without the token that a service echoes.

        SwiftService raises no error: it hands it out.
        """
        if not isinstance(outcome, dict) or outcome.get("success", True):
            return outcome
        masker = Masker([self._access.session.get_token()])
        return {
            key: masker.exception(part) if isinstance(part, BaseException) else masker.data(part)
            for key, part in outcome.items()
        }

    def _call(self, name: str, *args: Any) -> Iterator[dict[str, Any]]:
        outcomes: Iterator[dict[str, Any]] = self.__getattr__(name)(*args)
        return outcomes

    def _open(self) -> Any:
        """Return a SwiftService whose threads have connections of this identity."""
        from mistral_extra.actions.openstack import transport

        opened = self._class()
        # The limits are those of this thread's action.
        connect = functools.partial(_connection, self._access, transport.timeouts())
        opened.thread_manager = construction.load(
            "swiftclient.multithreading:MultiThreadingManager"
        )(connect)
        return opened


def _downloaded(
    one: Any, container: str, name: str, choices: dict[str, Any], folders: ContentFolders | None
) -> dict[str, Any]:
    """Download an object; return what came of it, as SwiftService tells it."""
    from mistral_extra.actions.openstack import content

    prefix = choices.get("prefix") if choices.get("remove_prefix") else None
    path = os.path.join(container, name) if choices.get("yes_all") else name
    path = path.lstrip("/")[len(prefix or "") :].lstrip("/")
    path = choices.get("out_file") or os.path.join(choices.get("out_directory") or "", path)
    told: dict[str, Any] = {"action": "download_object", "container": container, "object": name}
    told |= {"path": path, "pseudodir": name.endswith("/"), "response_dict": {}}
    headers = dict(line.split(":", 1) for line in choices.get("header") or ())
    version = choices.get("version_id")
    size = 0
    try:
        fields, body = one.get_object(
            container,
            name,
            resp_chunk_size=_PIECE,
            headers={key.strip(): value.strip() for key, value in headers.items()},
            query_string=None if version is None else f"version-id={version}",
            response_dict=told["response_dict"],
        )
        told["read_length"] = int(fields.get("content-length") or 0)
        with contextlib.ExitStack() as stack:
            # Its connection is kept until all is read, which an error prevents.
            stack.callback(body.close)
            if folders is None and choices.get("out_file") == "-":
                return {**told, "contents": content.bounded(body, name)}
            file = None
            if folders is not None and not told["pseudodir"]:
                file = stack.enter_context(
                    folders.create(path, "Parameter 'options'", parents=True)
                )
            for piece in body:
                size += len(piece)
                if file is not None:
                    file.write(piece)
    except Exception as e:
        return {**told, "success": False, "error": e}
    return {**told, "success": True, "read_length": size, "attempts": one.attempts}


def _closing(opened: Any, outcome: Iterator[Any]) -> Iterator[Any]:
    """Yield everything, and end the threads when the last was taken or nobody wants more."""
    with opened:
        yield from outcome
