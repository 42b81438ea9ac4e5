# SPDX-FileCopyrightText: The Mistral SDK authors
# SPDX-License-Identifier: Apache-2.0
"""Who ``mistral-action run`` runs an OpenStack action as: a cloud of ``clouds.yaml``, or ``OS_*``.

The context gets a token and its catalogue, from one login. What it was got with stays in this
process, in the plug-in that gets the next token when that one ends.
"""

from __future__ import annotations

import json
import os
import re
from typing import TYPE_CHECKING, Any

import click

from mistral_extra.actions.openstack import authentication, client_cache, services, transport
from mistral_extra.actions.openstack.utils import exceptions
from mistral_lib import actions
from mistral_lib.cli import ContextSource

if TYPE_CHECKING:
    from collections.abc import Iterable, Mapping

__all__ = ["CloudNotConfigured", "OsCloudSource", "log_in"]


class CloudNotConfigured(exceptions.ActionException):
    """Neither clouds.yaml nor the environment says how to log in to the cloud."""


class OsCloudSource(ContextSource):
    """Adds ``--os-cloud``; without it, ``OS_CLOUD`` or ``OS_AUTH_URL`` in the environment asks too.

    openstacksdk reads the files and the environment, as it does for the command ``openstack``.
    """

    def options(self) -> list[click.Option]:
        text = (
            "Run as this cloud's user: a name in clouds.yaml. Without it, the variables OS_CLOUD, "
            "or OS_AUTH_URL and the like, say as whom."
        )
        return [click.Option(["--os-cloud"], metavar="NAME", help=text)]

    def context(self, options: Mapping[str, Any]) -> actions.ActionContext | None:
        name = options["os_cloud"]
        if name is not None:
            try:
                return log_in(name)
            except CloudNotConfigured as e:
                raise click.BadParameter(str(e), param_hint="--os-cloud") from e
        if not (os.environ.get("OS_CLOUD") or os.environ.get("OS_AUTH_URL")):
            return None
        try:
            return log_in()
        except exceptions.ActionException as e:
            # The action may be one that needs no cloud.
            click.echo(f"Without a cloud, as the variables OS_* lead to none: {e}", err=True)
            return None


def log_in(name: str | None = None) -> actions.ActionContext:
    """Return the context of a cloud's user.

    :param name: of the cloud; None for what the environment says.
    :raises CloudNotConfigured: there is no such cloud, or something about it is missing.
    :raises ActionException: openstacksdk is not installed.
    :raises UnauthorizedException: Keystone refuses the user.
    :raises MistralKeystoneException: Keystone can't be asked.
    """
    what = f"the cloud '{name}'" if name else "the cloud of the variables OS_*"
    cloud = _read(name, what)
    plugin = cloud.get_auth()
    verify, certificate = cloud.get_requests_verify_args()
    if certificate:
        raise exceptions.ActionException(f"{what} wants a client's certificate: not supported")
    session = cloud.get_session()
    transport.bound(session.session)
    token, body = _authenticate(session, what)
    context = actions.ActionContext(
        actions.SecurityContext(
            auth_uri=plugin.auth_url,
            auth_cacert=verify if isinstance(verify, str) else None,
            insecure=verify is False,
            service_catalog=body,
            region_name=cloud.get_region_name() or None,
            is_trust_scoped=False,
            expires_at=body.get("expires_at"),
            is_target=False,
            project_id=body.get("project", {}).get("id"),
            project_name=body.get("project", {}).get("name"),
            user_name=body.get("user", {}).get("name"),
            auth_token=token,
            interface=_first(cloud.get_interface()),
            services=_settings(cloud),
        )
    )
    client_cache.default.adopt(context, plugin)
    return context


def _read(name: str | None, what: str) -> Any:
    try:
        from openstack import config
        from openstack import exceptions as sdk_errors
    except ImportError as e:
        raise exceptions.ActionException(
            f"Reading {what} needs the package openstacksdk: pip install 'mistral-extra[sdk]'",
            error_code="CLIENT_MISSING",
        ) from e
    from keystoneauth1 import exceptions as keystone_errors

    try:
        # Where the cloud does not name an interface, the site's option does.
        return config.OpenStackConfig(override_defaults={"interface": None}).get_one(cloud=name)
    except (sdk_errors.ConfigException, keystone_errors.AuthPluginException) as e:
        raise CloudNotConfigured(
            f"There is no way into {what}: {authentication.one_line(e)}"
        ) from e


def _authenticate(session: Any, what: str) -> tuple[str, dict[str, Any]]:
    """Return a new token and its body."""
    from keystoneauth1 import exceptions as keystone_errors

    try:
        token = session.get_token()
        # As a text, which is keystoneauth's public form of it.
        state = json.loads(session.auth.get_auth_state())
        return token, state["body"]["token"]
    except (keystone_errors.Unauthorized, keystone_errors.NotFound) as e:
        raise exceptions.UnauthorizedException(
            f"Keystone refuses the user of {what}: {authentication.one_line(e)}"
        ) from e
    except keystone_errors.ClientException as e:
        raise exceptions.MistralKeystoneException(
            f"{what} can't be logged in to: {authentication.one_line(e)}"
        ) from e
    except (AttributeError, KeyError, NotImplementedError, TypeError) as e:
        raise exceptions.ActionException(
            f"The auth_type of {what} gives no token of Keystone's API v3: password, for one, does"
        ) from e


def _settings(cloud: Any) -> dict[str, dict[str, str]]:
    """Return what a cloud says of services, by their usual types: ``compute_endpoint_override``.

    As for the command ``openstack``, ``compute_api_version: 2.79`` is a microversion, too.
    """
    import os_service_types

    known = os_service_types.ServiceTypes()
    found = {}
    for service in services.all():
        types = {t: None for name in service.types for t in (name, *known.get_all_types(name))}

        def read(name: str, types: Iterable[str] = tuple(types)) -> str | None:
            keys = (f"{type_.replace('-', '_')}_{name}" for type_ in types)
            values = (cloud.config.get(key) for key in keys)
            return next((str(value) for value in values if value not in (None, "")), None)

        version = read("api_version") or ""
        settings = {
            "endpoint": read("endpoint_override") or read("endpoint"),
            "microversion": read("default_microversion")
            or (_microversion(version) if service.microversion else None),
            "interface": _first(read("interface")),
            "region": read("region_name"),
        }
        said = {name: value for name, value in settings.items() if value}
        if said:
            found[service.types[0]] = said
    return found


def _microversion(version: str) -> str | None:
    if version.endswith("latest"):
        return "latest"
    return version if re.fullmatch(r"\d+\.\d+", version) else None


def _first(interfaces: Any) -> str | None:
    found = interfaces[0] if isinstance(interfaces, list) and interfaces else interfaces
    return found.removesuffix("URL") if isinstance(found, str) else None
