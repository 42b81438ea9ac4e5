# SPDX-FileCopyrightText: The Mistral SDK authors
# SPDX-License-Identifier: Apache-2.0
"""What the actions of all OpenStack services have in common.

An action is a client's method with its parameters: :meth:`OpenStackAction.run` gets the client of
the context's identity from the process's cache, calls the method and returns plain data.
"""

from __future__ import annotations

import contextlib
import functools
import sys
from contextvars import ContextVar
from typing import TYPE_CHECKING, Any

from mistral_extra.actions.openstack import (
    arguments,
    catalogue,
    content_parameters,
    paging,
    refusals,
    secret_names,
    services,
)
from mistral_extra.actions.openstack.services import unusable
from mistral_extra.actions.openstack.utils import exceptions
from mistral_lib import serialization
from mistral_lib.actions import Masker, base
from mistral_lib.actions.secrets import covering
from mistral_lib.utils import _plain

if TYPE_CHECKING:
    from collections.abc import Callable, Mapping, Sequence

    from mistral_extra.actions.openstack import failures
    from mistral_extra.actions.openstack.access import Endpoint

__all__ = ["OpenStackAction", "OpenStackActionSerializer"]

#: The context of the run in progress, for an action that asks for its client without naming one.
_running: ContextVar[Any] = ContextVar("mistral_extra_running", default=None)


def _in_context(run: Callable[..., Any]) -> Callable[..., Any]:
    """Have ``run`` of an action remember its context while it runs."""

    @functools.wraps(run)
    def remembering(self: Any, /, *args: Any, **kwargs: Any) -> Any:
        # The first parameter, whatever a plug-in calls it.
        token = _running.set(next(iter((*args, *kwargs.values())), None))
        try:
            return run(self, *args, **kwargs)
        finally:
            _running.reset(token)

    return remembering


class OpenStackAction(base.Action):
    """An action of an OpenStack service: one method of its client.

    A subclass for one method names it in ``client_method_name``, as in ``"servers.list"``; the
    actions that workflows call by name are made so. A plug-in may as well override ``__init__``,
    and ``run`` to call the client itself:

    >>> from mistral_extra.actions.openstack import actions
    >>> class ServerNames(actions.NovaAction):
    ...     def __init__(self, limit):
    ...         self.limit = limit
    ...     def run(self, context):
    ...         return [s.name for s in self._get_client().servers.list(limit=self.limit)]

    :param kwargs: the method's parameters, and beside them ``action_region``, ``action_content``
        (see :mod:`mistral_extra.actions.openstack.content`) and ``action_timeout``, the seconds to
        wait for each answer, in place of ``[openstack_actions] read_timeout``.
    """

    #: What @hidden would set; that reads signatures, for which much is to be imported.
    _hidden_parameters = secret_names.ANYWHERE

    #: Path of the method from the client on.
    client_method_name: str | None = None

    #: The declared service, see :mod:`mistral_extra.actions.openstack.services`.
    _declared_as: str | None = None

    #: How an undeclared service is looked up in the catalogue: by its types, else by its name.
    _service_types: Sequence[str] = ()
    _service_name: str | None = None

    _client_class: Any = None

    #: Methods that no path through the client leads to, by name: functions of the client.
    _methods: Mapping[str, Callable[..., Any]] = {}

    _kwargs_for_run: dict[str, Any] = {}  # noqa: RUF012 # Never changed: an __init__ may be absent.

    def __init_subclass__(cls, **kwargs: Any) -> None:
        target = vars(cls).get("client_method_name")
        if target is not None and cls._declared_as is not None:
            entry = catalogue.entry(cls._declared_as, target)
            if entry is not None:
                cls._hidden_parameters |= entry.secrets
        super().__init_subclass__(**kwargs)
        if "_declared_as" in vars(cls) and "_service_types" not in vars(cls):
            cls._service_types = list(cls._declared().types)
        if "run" in vars(cls):
            cls.run = _in_context(cls.run)  # type: ignore[method-assign]

    # It says nothing, so there is nothing to mask.
    @covering
    def __init__(self, **kwargs: Any) -> None:
        super().__init__()
        self._kwargs_for_run = kwargs
        self.action_region = kwargs.pop("action_region", None)
        # The others only where they are given: they travel with the action, to nodes that may not
        # know them.
        action_content = kwargs.pop("action_content", None)
        if action_content:
            self.action_content = action_content
        action_timeout = kwargs.pop("action_timeout", None)
        if action_timeout is not None:
            self.action_timeout = action_timeout

    @classmethod
    def get_serialization_key(cls) -> str:
        """Return the key of all OpenStack actions."""
        return "mistral_extra.actions.openstack.base.OpenStackAction"

    # How a client is come by.

    @classmethod
    def get_client(
        cls,
        context: Any = None,
        *,
        region: str | None = None,
        interface: str | None = None,
        version: str | None = None,
        microversion: str | None = None,
    ) -> Any:
        """Return the service's client for a context's identity: the one its actions use.

        :param context: an action's context; None for that of the request this thread works for.
        :param region: other than the context's, or the configured one.
        :param interface: ``public``, ``internal`` or ``admin``; as configured by default.
        :param version: of the API.
        :param microversion: likewise.
        :raises ActionException: no client can be made; the message says why.
        """
        from mistral_extra.actions.openstack import client_cache

        with refusals.Noted() as noted:
            try:
                return client_cache.default.client(
                    cls._declared(),
                    context,
                    region=region,
                    interface=interface,
                    version=version,
                    microversion=microversion,
                )
            except Exception as e:
                from mistral_extra.actions.openstack import failures

                failure = failures.of(e, cls._call(), noted)
                if failure is e:
                    raise
                raise failure from e

    def _create_client(self, context: Any) -> Any:
        """Return a client; a plug-in for a service of its own overrides this."""
        from mistral_extra.actions.openstack import client_cache

        region = getattr(self, "action_region", None) or None
        service = self._declared()
        client = client_cache.default.client(service, context, region=region)
        last = dict(service.until).get(self.client_method_name or "")
        if last is None or not _is_newer(client.api_version.get_string(), last):
            return client
        return client_cache.default.client(service, context, region=region, microversion=last)

    def _get_client(self, context: Any = None) -> Any:
        """Return the client to use.

        :param context: by default that of the run in progress.
        """
        return self._create_client(_running.get() if context is None else context)

    def get_session_and_auth(self, context: Any) -> dict[str, Any]:
        """Return what a client of one's own is made from.

        :param context: an action's context.
        :returns: ``session``, and ``auth``, whose ``endpoint`` is the service's URL.
        """
        from mistral_extra.actions.openstack.utils import keystone

        look_up = functools.partial(keystone.get_session_and_auth, context)
        found: dict[str, Any] = self._looked_up(look_up)
        return found

    def get_service_endpoint(self) -> Endpoint:
        """Return where the service is, in the catalogue of the run in progress: url and region."""
        from mistral_extra.actions.openstack.utils import keystone

        look_up = functools.partial(keystone.get_endpoint_for_project, context=_running.get())
        found: Endpoint = self._looked_up(look_up)
        return found

    def _looked_up(self, look_up: Callable[..., Any]) -> Any:
        """Return what is found under the first service type there is."""
        region = getattr(self, "action_region", None) or None
        problem: Exception | None = None
        for service_type in self._service_types:
            try:
                return look_up(service_type=service_type, region_name=region)
            except exceptions.MistralKeystoneException as e:
                problem = problem or e
        if problem is not None:
            raise problem
        return look_up(service_name=self._service_name, region_name=region)

    @classmethod
    def _declared(cls) -> services.Service:
        if cls._declared_as is None:
            raise exceptions.ActionException(
                f"{cls.__name__} is of no known service: it must define _create_client(context)"
            )
        return services.get(cls._declared_as)

    @classmethod
    def _call(cls) -> failures.Call:
        from mistral_extra.actions.openstack import failures

        service = None if cls._declared_as is None else cls._declared()
        # A class made for one method is nobody's name for it.
        name = next(
            c.__name__
            for c in cls.__mro__
            if getattr(sys.modules.get(c.__module__), c.__name__, None) is c
        )
        return failures.Call(name, cls.client_method_name, service)

    # The method.

    @classmethod
    def _get_client_class(cls) -> Any:
        return cls._client_class or type(cls._get_fake_client())

    @classmethod
    def _get_fake_client(cls) -> Any:
        """Return a client that reaches nothing."""
        from mistral_extra.actions.openstack.services import offline

        return offline.client(cls._declared())

    @classmethod
    def get_fake_client_method(cls) -> Any:
        """Return the method of a client that reaches nothing: to be looked at, not called."""
        return cls._get_client_method(cls._get_fake_client())

    @classmethod
    def _get_client_method(cls, client: Any) -> Any:
        path = cls.client_method_name
        if path is None:
            raise exceptions.ActionException(f"{cls.__name__} names no client method")
        own = cls._methods.get(path)
        if own is not None:
            return _bound(own, client)
        found = client
        for name in path.split("."):
            try:
                if name.startswith("_"):
                    raise AttributeError(name)
                found = getattr(found, name)
            except AttributeError as e:
                from mistral_extra.actions.openstack import resource_methods

                of_resource = resource_methods.find(found, name)
                if of_resource is None:
                    from mistral_extra.actions.openstack import failures

                    raise failures.method_unknown(name, found, cls._call()) from e
                found = of_resource
        return found

    # The run.

    @_in_context
    def run(self, context: Any) -> Any:
        """Call the client's method.

        :returns: plain data.
        :raises ActionException: see :mod:`mistral_extra.actions.openstack.failures`.
        """
        method = None
        with refusals.Noted() as noted:
            try:
                params, wish = self._prepared(), getattr(self, "action_content", None)
                with self._time_limit():
                    method = self._get_client_method(self._get_client(context))
                    # What answered while the client was made does not answer the method.
                    noted.response = None
                    with content_parameters.opened(
                        self._declared_as, self.client_method_name, params, wish
                    ) as params:
                        result = paging.call(method, self.client_method_name, params)
                        content_parameters.verify(method, self.client_method_name, params, result)
                    if not _plain.is_plain(result):
                        from mistral_extra.actions.openstack import results

                        # Lazy objects of a client may ask the service only now.
                        result = results.plain(result, wish)
                page = noted.web_page
                if page is None:
                    return result
                from mistral_extra.actions.openstack import failures

                # A client that looks at the status alone takes it for success.
                raise failures.web_page(page, self._call())
            except Exception as e:
                failure = self._failure(e, method, context, noted)
                if failure is not e:
                    failure.__cause__ = e
                # A trust's token is not in the context, and services echo it.
                clean = Masker(noted.credentials).exception(failure)
                if clean is e:
                    raise
            raise clean

    def _time_limit(self) -> contextlib.AbstractContextManager[None]:
        seconds = getattr(self, "action_timeout", None)
        if seconds is None:
            return contextlib.nullcontext()
        from mistral_extra.actions.openstack import transport

        return transport.reading(seconds)

    def test(self, context: Any) -> dict[str, str]:
        """Look whether the client has the method, and the method takes the parameters.

        No service is asked. Of a plug-in's class that names no method, since its ``run`` calls the
        client itself, only the client is looked for.

        :returns: each parameter's name with the word ``test``.
        :raises ActionException: it has not, it does not, or the client is not installed.
        """
        from mistral_extra.actions.openstack import failures

        misfit = None
        try:
            if self.client_method_name is not None or not self._has_own_run():
                self._prepared()
                misfit = self._misfit(self.get_fake_client_method())
            elif self._declared_as is not None:
                self._get_fake_client()
        except ImportError as e:
            raise failures.client_missing(e, self._call()) from e
        if misfit is not None:
            raise misfit
        return dict.fromkeys(self._kwargs_for_run, "test")

    @classmethod
    def _has_own_run(cls) -> bool:
        owner = next(c for c in cls.__mro__ if "run" in vars(c))
        return owner is not OpenStackAction

    def _prepared(self) -> Mapping[str, Any]:
        """Return the parameters as the client's method needs them."""
        if self._declared_as is None or self.client_method_name is None:
            return self._kwargs_for_run
        service, target = self._declared_as, self.client_method_name
        why = unusable.reason(service, target)
        if why:
            from mistral_extra.actions.openstack import failures

            raise failures.method_unusable(why, self._call())
        name = f"{service}.{target}"
        return arguments.prepared(name, service, target, self._kwargs_for_run)

    def _failure(
        self, error: Exception, method: Any, context: Any, noted: refusals.Noted
    ) -> Exception:
        from mistral_extra.actions.openstack import failures

        if isinstance(error, TypeError) and method is not None and noted.response is None:
            misfit = self._misfit(method)
            if misfit is not None:
                return misfit
        failure = failures.of(error, self._call(), noted)
        if getattr(failure, "status", None) == 401:
            from mistral_extra.actions.openstack import client_cache

            # The session does not notice it of clients that send their requests themselves.
            with contextlib.suppress(exceptions.ActionException):
                client_cache.default.forget(context)
        return failure

    def _misfit(self, method: Any) -> Exception | None:
        """Return what is wrong with the parameters; None if nothing is, or it can't be told."""
        from mistral_extra.actions.openstack import failures, signatures

        try:
            taken = signatures.read(method)
        except (TypeError, ValueError):
            return None
        given = self._kwargs_for_run
        names = [parameter.name for parameter in taken.parameters]
        missing = [
            parameter.name
            for parameter in taken.parameters
            if parameter.default is signatures.REQUIRED and parameter.name not in given
        ]
        unexpected = [] if taken.extra else [name for name in given if name not in names]
        if not missing and not unexpected:
            return None
        return failures.invalid_input(missing, unexpected, names, self._call())


def _bound(function: Callable[..., Any], client: Any) -> Any:
    """Return ``function`` with its first parameter, the client, given: a method of the client."""
    method = functools.partial(function, client)
    # Not by update_wrapper(): its __wrapped__ takes one parameter more.
    method.__name__, method.__doc__ = function.__name__, function.__doc__  # type: ignore[attr-defined]
    return method


def _is_newer(version: str, other: str) -> bool:
    return [int(part) for part in version.split(".")] > [int(part) for part in other.split(".")]


class OpenStackActionSerializer(base.ActionSerializer):
    """Writes an action as its service's class, its client method, and its parameters."""


serialization.register_serializer(OpenStackAction, OpenStackActionSerializer())
