# SPDX-FileCopyrightText: The Mistral SDK authors
# SPDX-License-Identifier: Apache-2.0
"""Content that an action sends: an image, an object, a definition, a template.

JSON has no bytes, so a parameter that is bytes is an object with one of the keys

``base64``
    the bytes, so encoded;
``text``
    the bytes of this text in UTF-8;
``file``
    a file of the executor in ``[openstack_actions] content_folders``;
``url``
    what is there, fetched under the policy of ``[http_action]``;

and, if wanted, ``size``, ``sha256`` and ``md5``, which the bytes must have. Files and URLs are
streamed; what they must have is checked before the last piece is sent, so that the service never
gets the whole of something else.

Some clients open what looks like a path, for people at a command line. A workflow's author must not
read the executor's files in this way. So of each such parameter content remains content here. That
all of them are known is seen to by tests/contract/test_local_files.py.
"""

from __future__ import annotations

import base64
import binascii
import contextlib
import io
import os
import re
from typing import TYPE_CHECKING, Any

from mistral_lib import exceptions

if TYPE_CHECKING:
    from collections.abc import Callable, Iterator, Mapping
    from typing import BinaryIO

    from mistral_extra.actions.content_folders import ContentFolders

    #: Changes one parameter, by name; what it opens is closed with the stack.
    Treatment = Callable[[dict[str, Any], str, contextlib.ExitStack], None]

__all__ = ["Source", "opened", "text", "verify"]

_FORMS = ("base64", "text", "file", "url")
_FACTS = ("size", "sha256", "md5")
_EXPECTED = (
    "expected an object with 'base64', 'text', 'file' or 'url', and perhaps 'size', 'sha256', 'md5'"
)

#: Bytes that are read at a time.
_PIECE = 65536

#: What nobody means as the text of an object: an absolute path, a URL.
_WHERE = re.compile(r"(/|~|file:|https?://)\S*\Z")


class Source(io.RawIOBase):
    """Bytes on their way to a service, counted and hashed.

    One piece is held back until it is known that the whole is as expected.

    :param size: the number of bytes, where it is known beforehand.
    :param expected: what they must have: ``size``, ``sha256``, ``md5``.
    """

    def __init__(
        self, opened: BinaryIO, what: str, size: int | None, expected: Mapping[str, Any]
    ) -> None:
        super().__init__()
        self.size = size
        self._opened = opened
        self._what = what
        self.expected = {"size": size, **expected}
        self._begin()

    def _begin(self) -> None:
        self.sent = 0
        import hashlib

        self.md5 = hashlib.md5(usedforsecurity=False)
        self._sha256 = hashlib.sha256()
        self._ahead = bytearray()
        self._ended = False

    def readable(self) -> bool:
        return True

    def seekable(self) -> bool:
        return self._opened.seekable()

    def tell(self) -> int:
        return self.sent

    def seek(self, offset: int, whence: int = 0) -> int:
        """Go back to the beginning, which is what sending again takes.

        :raises io.UnsupportedOperation: it is elsewhere, or the source can't be read again.
        """
        if (offset, whence) != (0, 0):
            raise io.UnsupportedOperation("only to the beginning")
        self._opened.seek(0)
        self._begin()
        return 0

    def read(self, size: int = -1) -> bytes:
        """Return the next bytes.

        :raises InvalidInput: the whole is not as expected.
        """
        wanted = size if size >= 0 else float("inf")
        while not self._ended and len(self._ahead) <= wanted:
            piece = self._opened.read(max(size, _PIECE))
            self._ended = not piece
            self._ahead += piece
            self.md5.update(piece)
            self._sha256.update(piece)
        if self._ended:
            self._check(self.sent + len(self._ahead))
        taken = bytes(self._ahead if size < 0 else self._ahead[:size])
        del self._ahead[: len(taken)]
        self.sent += len(taken)
        return taken

    def _check(self, size: int) -> None:
        actual = {
            "size": size,
            "md5": self.md5.hexdigest(),
            "sha256": self._sha256.hexdigest(),
        }
        for name, expected in self.expected.items():
            if expected is not None and actual[name] != expected:
                raise exceptions.InvalidInput(
                    f"{self._what}: its {name} is {actual[name]}, expected {expected}: nothing "
                    "was stored"
                )


@contextlib.contextmanager
def opened(
    service: str | None,
    target: str | None,
    params: Mapping[str, Any],
    action_content: str | None = None,
) -> Iterator[Any]:
    """Yield the parameters as the client's method is to get them; close in the end what is open.

    :param target: path of the client's method.
    :param action_content: what becomes of content in the result; an object is then streamed.
    :raises InvalidInput: content is not given as it must be, or may not be read or written.
    """
    if action_content:
        from mistral_extra.actions.openstack import content

        # Whether it can be done is known before anything is asked of the service.
        content.taker(action_content)
        if (service, target) == ("swift", "get_object"):
            params = {"resp_chunk_size": _PIECE, **params}
    treatments = _TREATMENTS.get((service, target))
    if not treatments:
        yield params
        return
    prepared = dict(params)
    with contextlib.ExitStack() as stack:
        for name, treat in treatments.items():
            if prepared.get(name) is not None:
                treat(prepared, name, stack)
        yield prepared


def verify(method: Any, target: str | None, params: Mapping[str, Any], result: Any) -> None:
    """Compare what a service says that it stored with what was sent.

    :raises ActionException: ``CONTENT_DIFFERS``.
    """
    for value in params.values():
        if isinstance(value, Source):
            stored = _stored(method, target, params, result)
            sent = value.md5.hexdigest()
            if stored is not None and stored != sent:
                raise exceptions.ActionException(
                    f"The service has stored other content than was sent: its MD5 is {stored}, "
                    f"expected {sent}",
                    error_code="CONTENT_DIFFERS",
                )


def _stored(method: Any, target: str | None, params: Mapping[str, Any], result: Any) -> Any:
    """Return the MD5 of what was stored; None where the service does not say."""
    if target == "put_object":
        # That of a manifest is another.
        plain = isinstance(result, str) and not params.get("query_string")
        return result if plain and re.fullmatch(r"[0-9a-f]{32}", result) else None
    if target == "images.upload":
        # Whatever fails here, the image is there.
        with contextlib.suppress(Exception):
            image = method.__self__.get(params["image_id"])
            checksum = image.get("checksum")
            return checksum if isinstance(checksum, str) else None
    return None


# ------------------------------------------------------------------------------------------------
# Kinds of parameters
# ------------------------------------------------------------------------------------------------


def _what(name: str) -> str:
    return f"Parameter '{name}'"


def _image(params: dict[str, Any], name: str, stack: contextlib.ExitStack) -> None:
    """Make what the client reads piece by piece of bytes; the service is told how many."""
    _stream(params, name, "image_size", stack)


def _object(params: dict[str, Any], name: str, stack: contextlib.ExitStack) -> None:
    """Make likewise an object's content, which may also be text as it is."""
    contents = params[name]
    if not isinstance(contents, str) or _WHERE.match(contents):
        _stream(params, name, "content_length", stack)


def _stream(params: dict[str, Any], name: str, length: str, stack: contextlib.ExitStack) -> None:
    """Make a stream of bytes.

    :param length: the parameter with their number. The client would send no more than that.
    """
    source = params[name] = _source(params[name], name, stack)
    expected = params.pop(length, None)
    if source.size is None:
        if expected is not None:
            source.expected["size"] = expected
        return
    if expected not in (None, source.size):
        raise exceptions.InvalidInput(
            f"{_what(length)} is {expected!r:.80}, expected {source.size}, the bytes of '{name}', "
            "or nothing"
        )
    params[length] = source.size


def _bytes(params: dict[str, Any], name: str, stack: contextlib.ExitStack) -> None:
    """Make bytes of what the client sends within JSON or at once."""
    from mistral_extra.actions.openstack import content

    source = _source(params[name], name, stack)
    params[name] = content.bounded(iter(lambda: source.read(_PIECE), b""), _what(name))


def _bytes_or_text(params: dict[str, Any], name: str, stack: contextlib.ExitStack) -> None:
    """Leave text alone, and make bytes of what is not."""
    if not isinstance(params[name], str):
        _bytes(params, name, stack)


def _configdrive(params: dict[str, Any], name: str, stack: contextlib.ExitStack) -> None:
    """Hand a configuration drive over as bytes: of a text, ironicclient opens the file."""
    drive = params[name]
    if isinstance(drive, dict) and not any(form in drive for form in ("base64", "file", "url")):
        return  # Ironic makes the drive of it.
    if not isinstance(drive, str):
        _bytes(params, name, stack)
        params[name] = base64.b64encode(params[name])
        return
    text = "".join(drive.split())
    if not re.fullmatch(r"[A-Za-z0-9+/]+={0,2}", text) or len(text) % 4:
        raise exceptions.InvalidInput(
            f"{_what(name)} is not base64: expected an object, or the drive's bytes in base64; "
            "a path is never opened"
        )
    params[name] = text.encode()


def _template(params: dict[str, Any], name: str, stack: contextlib.ExitStack) -> None:
    """Read the file, as vitrageclient would read any, and hand its content over."""
    from mistral_extra.actions.openstack import content

    with _folders().open(params.pop(name), _what(name)) as file:
        data = content.bounded(iter(lambda: file.read(_PIECE), b""), _what(name))
    try:
        params["template_str"] = data.decode()
    except UnicodeDecodeError as e:
        raise exceptions.InvalidInput(f"{_what(name)}: the file is not text in UTF-8") from e


def _environment(params: dict[str, Any], name: str, stack: contextlib.ExitStack) -> None:
    """Refuse what is not the text of an environment, since a path is one of YAML too."""
    import yaml

    try:
        described = yaml.safe_load(params[name])
    except (yaml.YAMLError, AttributeError) as e:
        raise exceptions.InvalidInput(f"{_what(name)} is not YAML: {e}") from e
    if not isinstance(described, dict):
        raise exceptions.InvalidInput(
            f"{_what(name)}: {params[name]!r:.80} is not an environment in YAML or JSON, with "
            "'name' and 'variables'; a path is never opened"
        )


def _key_file(params: dict[str, Any], name: str, stack: contextlib.ExitStack) -> None:
    """Hand a private key over in a file of its own: novaclient has openssl open what it gets."""
    import tempfile

    key = params[name]
    if not isinstance(key, str) or not key.lstrip().startswith("-----BEGIN "):
        raise exceptions.InvalidInput(
            f"{_what(name)} is not a private key in PEM, which begins with '-----BEGIN': a path "
            "is never opened"
        )
    # A file of its owner alone.
    descriptor, path = tempfile.mkstemp(prefix="key-")
    stack.callback(os.unlink, path)
    with open(descriptor, "wb") as file:
        file.write(key.encode())
    params[name] = path


def _path_of_service(params: dict[str, Any], name: str, stack: contextlib.ExitStack) -> None:
    """Refuse a URL that leads elsewhere than to the service."""
    if not isinstance(params[name], str) or not re.match(r"/(?!/)", params[name]):
        raise exceptions.InvalidInput(
            f"{_what(name)}: {params[name]!r:.80} is not a path of the service, as '/v2/images/...'"
        )


_TREATMENTS: Mapping[tuple[str | None, str | None], Mapping[str, Treatment]] = {
    ("barbican", "secrets_store"): {"payload": _bytes_or_text},
    ("barbican", "secrets.update"): {"payload": _bytes_or_text},
    ("glance", "images.upload"): {"image_data": _image, "u_url": _path_of_service},
    ("glance", "images.stage"): {"image_data": _image},
    ("ironic", "node.set_provision_state"): {"configdrive": _configdrive},
    ("mistral", "environments.create"): {"file": _environment},
    ("mistral", "environments.update"): {"file": _environment},
    ("nova", "servers.create"): {"userdata": _bytes_or_text},
    ("nova", "servers.rebuild"): {"userdata": _bytes_or_text},
    ("nova", "servers.get_password"): {"private_key": _key_file},
    ("swift", "put_object"): {"contents": _object},
    ("tacker", "upload_vnf_package"): {"file_data": _bytes},
    ("trove", "modules.create"): {"contents": _bytes_or_text},
    ("trove", "modules.update"): {"contents": _bytes_or_text},
    ("vitrage", "template.add"): {"path": _template},
    ("vitrage", "template.validate"): {"path": _template},
    ("zun", "containers.put_archive"): {"data": _bytes},
}

_BYTES = (
    "Bytes, as an object with one of 'base64', 'text', 'file' (in [openstack_actions] "
    "content_folders) and 'url', and perhaps the 'size', 'sha256' and 'md5' that they must have."
)

#: What a kind of parameter is, in words for people.
_TEXTS: Mapping[Treatment, str] = {
    _image: _BYTES,
    _object: f"Text as it is; or else {_BYTES[0].lower()}{_BYTES[1:]}",
    _bytes: _BYTES,
    _bytes_or_text: f"Text as it is; or else {_BYTES[0].lower()}{_BYTES[1:]}",
    _configdrive: "An object to make the drive of, or the drive's bytes in base64; never a path.",
    _template: "A file in [openstack_actions] content_folders; template_str takes a text.",
    _environment: "The environment as a text in YAML or JSON; never a path.",
    _key_file: "The private key as a text in PEM; never a path.",
    _path_of_service: "A path of the service, as '/v2/images/...'.",
}


def text(service: str, target: str, name: str) -> str | None:
    """Return what a parameter is, where the client's own documentation is of another use."""
    treatment = _TREATMENTS.get((service, target), {}).get(name)
    return None if treatment is None else _TEXTS[treatment]


# ------------------------------------------------------------------------------------------------
# Where the bytes are
# ------------------------------------------------------------------------------------------------


def _source(value: Any, name: str, stack: contextlib.ExitStack) -> Source:
    """Return the bytes that a parameter describes.

    :raises InvalidInput: it describes none.
    """
    what = _what(name)
    if isinstance(value, str):
        raise exceptions.InvalidInput(
            f"{what} takes bytes, not a text, got {value!r:.80}: {_EXPECTED}"
        )
    if isinstance(value, bytes | bytearray):
        # Of a caller in Python.
        value = {"base64": base64.b64encode(value).decode()}
    if hasattr(value, "read"):
        return Source(value, what, None, {})
    if not isinstance(value, dict):
        raise exceptions.InvalidInput(f"{what} is {value!r:.80}: {_EXPECTED}")
    forms = [form for form in _FORMS if form in value]
    unknown = [key for key in value if key not in (*_FORMS, *_FACTS)]
    if len(forms) != 1 or unknown or not isinstance(value[forms[0]], str):
        keys = ", ".join(map(repr, value))
        raise exceptions.InvalidInput(f"{what} has the keys {keys:.80}: {_EXPECTED}")
    file, size = _OPENED[forms[0]](value[forms[0]], name, stack)
    source = Source(file, what, size, _expected(value, what))
    if isinstance(file, io.BytesIO):
        # What is at hand is checked before anything is sent.
        source.read()
        source.seek(0)
    return source


def _expected(value: dict[str, Any], what: str) -> dict[str, Any]:
    expected = {name: value[name] for name in _FACTS if value.get(name) is not None}
    size = expected.get("size", 0)
    if isinstance(size, bool) or not isinstance(size, int):
        raise exceptions.InvalidInput(f"{what}: 'size' is {size!r:.80}, expected bytes, as an int")
    for name, digits in (("sha256", 64), ("md5", 32)):
        if name in expected:
            expected[name] = str(expected[name]).lower()
            if not re.fullmatch(f"[0-9a-f]{{{digits}}}", expected[name]):
                raise exceptions.InvalidInput(
                    f"{what}: '{name}' is {expected[name]!r:.80}, expected {digits} hexadecimal "
                    "digits"
                )
    return expected


def _from_base64(text: str, name: str, stack: contextlib.ExitStack) -> tuple[BinaryIO, int]:
    try:
        data = base64.b64decode("".join(text.split()), validate=True)
    except (binascii.Error, ValueError) as e:
        # Not from e: what it is may be secret.
        raise exceptions.InvalidInput(f"{_what(name)}: 'base64' is not base64: {e}") from None
    return io.BytesIO(data), len(data)


def _from_text(text: str, name: str, stack: contextlib.ExitStack) -> tuple[BinaryIO, int]:
    try:
        data = text.encode()
    except UnicodeEncodeError:
        raise exceptions.InvalidInput(
            f"{_what(name)}: 'text' has half of a surrogate pair, which can't be sent"
        ) from None
    return io.BytesIO(data), len(data)


def _from_file(path: str, name: str, stack: contextlib.ExitStack) -> tuple[BinaryIO, int]:
    file = stack.enter_context(_folders().open(path, _what(name)))
    return file, os.fstat(file.fileno()).st_size


def _from_url(url: str, name: str, stack: contextlib.ExitStack) -> tuple[BinaryIO, int | None]:
    from mistral_extra.actions.openstack import transport

    fetched: tuple[BinaryIO, int | None] = stack.enter_context(transport.fetched(url, _what(name)))
    return fetched


_OPENED: Mapping[str, Callable[..., tuple[BinaryIO, int | None]]] = {
    "base64": _from_base64,
    "text": _from_text,
    "file": _from_file,
    "url": _from_url,
}


def _folders() -> ContentFolders:
    from mistral_extra.actions.content_folders import content_folders

    return content_folders("openstack_actions")
