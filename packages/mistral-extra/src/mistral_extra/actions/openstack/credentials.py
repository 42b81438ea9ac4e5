# SPDX-FileCopyrightText: The Mistral SDK authors
# SPDX-License-Identifier: Apache-2.0
"""The server's own credentials: ``[keystone_authtoken]``, where a Mistral server registered it.

On a laptop the group does not exist, so nothing here registers it: a token is then all there is.
"""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

from mistral_extra.actions.openstack.utils import exceptions

if TYPE_CHECKING:
    from keystoneauth1.identity.base import BaseIdentityPlugin

__all__ = ["auth_url", "available", "load", "verify"]

GROUP = "keystone_authtoken"

#: What a plug-in may be scoped to; a trust admits of nothing beside it.
_SCOPES = (
    "domain_id",
    "domain_name",
    "project_id",
    "project_name",
    "project_domain_id",
    "project_domain_name",
    "system_scope",
)


def available() -> bool:
    """Return whether there are credentials that a trust could be used with."""
    return GROUP in _conf() and bool(_option("auth_type") or _option("admin_user"))


def auth_url() -> str | None:
    """Return the URL of the server's own Keystone; None where none is configured."""
    for name in ("auth_url", "www_authenticate_uri", "auth_uri"):
        url = _option(name)
        if url:
            return str(url)
    return None


def verify() -> bool | str:
    """Return how certificates of the server's own Keystone are checked: a CA's path, or whether."""
    if _option("insecure"):
        return False
    return _option("cafile") or True


def load(trust_id: str | None = None) -> BaseIdentityPlugin:
    """Return a plug-in that authenticates with the credentials.

    :param trust_id: scope the token to this trust, and to nothing else.
    :raises MistralKeystoneException: there are no credentials, or not all that are needed.
    """
    from keystoneauth1 import exceptions as keystone_errors
    from keystoneauth1 import loading
    from keystoneauth1.identity.base import BaseIdentityPlugin

    if not available():
        raise exceptions.MistralKeystoneException(
            "The server has no credentials of its own: set auth_type, auth_url, username, "
            f"password and the like in [{GROUP}]"
        )
    if not _option("auth_type"):
        return _legacy(trust_id)
    scope: dict[str, Any] = {}
    if trust_id is not None:
        loader: Any = loading.get_plugin_loader(_option("auth_type"))
        known = {option.dest for option in loader.get_options()}
        scope = {name: None for name in _SCOPES if name in known} | {"trust_id": trust_id}
    try:
        plugin = loading.load_auth_from_conf_options(_conf(), GROUP, **scope)
    except keystone_errors.AuthPluginException as e:
        raise exceptions.MistralKeystoneException(
            f"[{GROUP}] can't be used to authenticate: {e}"
        ) from e
    if not isinstance(plugin, BaseIdentityPlugin):
        raise exceptions.MistralKeystoneException(
            f"[{GROUP}] has auth_type = {_option('auth_type')}, which gets no token from Keystone: "
            "password, for one, does"
        )
    return plugin


def _legacy(trust_id: str | None) -> BaseIdentityPlugin:
    """Return a plug-in from the options of old, which know a user of the default domain only."""
    from keystoneauth1.identity import v3

    project = None if trust_id else _option("admin_tenant_name")
    return v3.Password(
        auth_url=auth_url() or "",
        username=_option("admin_user"),
        password=_option("admin_password"),
        user_domain_id="default",
        project_name=project,
        project_domain_id="default" if project else None,
        trust_id=trust_id,
    )


def _conf() -> Any:
    from mistral_extra import config

    return config.CONF


def _option(name: str) -> Any:
    """Return an option's value; None where nobody registered it, or its group."""
    conf = _conf()
    if GROUP not in conf:
        return None
    groups = [conf[GROUP]]
    if "auth_section" in groups[0] and groups[0].auth_section in conf:
        # The group may say that another one has the credentials.
        groups.insert(0, conf[groups[0].auth_section])
    values = [group[name] for group in groups if name in group]
    return next(filter(None, values), None)
