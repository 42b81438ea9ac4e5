# SPDX-FileCopyrightText: The Mistral SDK authors
# SPDX-License-Identifier: Apache-2.0
"""What Keystone is filled with before it serves: regions, catalogue, roles, users and projects.

Written through Keystone's own code, in a fork of its process: HTTP would take a running Keystone,
and several times as long.
"""

from __future__ import annotations

import uuid
from typing import TYPE_CHECKING, Any

from tools.sandbox import serving
from tools.sandbox.cloud import ADDRESSES, REGIONS, USERS
from tools.sandbox.services import SERVICES

if TYPE_CHECKING:
    from tools.sandbox.cloud import Cloud
    from tools.sandbox.service import Endpoint

__all__ = ["bootstrap"]

#: By user, on the project of USERS.
_ROLES = {
    "admin": ("service", "heat_stack_owner"),
    "demo": ("member", "heat_stack_owner"),
    "mistral": ("admin", "service"),
    "service": ("admin", "service"),
}


def bootstrap(cloud: Cloud) -> None:
    """Fill Keystone's database and make its keys."""
    # Loaded here, it is there for the process itself too.
    import keystone.server  # noqa: F401

    serving.command(lambda: _Identity(cloud).fill(), "keystone")


class _Identity:
    """Keystone's database, by the names that people use."""

    def __init__(self, cloud: Cloud) -> None:
        import keystone.server

        self._cloud = cloud
        keystone.server.configure(config_files=[str(cloud.config("keystone"))])
        _make_keys()

    def fill(self) -> None:
        from keystone.common import provider_api

        self._admin()
        self._apis = provider_api.ProviderAPIs
        self._roles = {role["name"]: role["id"] for role in self._apis.role_api.list_roles()}
        for name in ("heat_stack_owner", "heat_stack_user", "ResellerAdmin"):
            self._role(name)
        self._regions()
        for name in self._cloud.services:
            self._service(name)
        self._people()
        if "heat" in self._cloud.services:
            self._heat_domain()

    def _admin(self) -> None:
        """Make what the first login takes: domain, user, project, roles, Keystone's own service."""
        from keystone.cmd import bootstrap as keystone_bootstrap

        first = keystone_bootstrap.Bootstrapper()
        first.admin_username, first.admin_password = "admin", self._cloud.passwords["admin"]
        first.project_name, first.admin_role_name = USERS["admin"], "admin"
        first.service_name, first.region_id = "keystone", REGIONS[0]
        first.public_url, first.internal_url, first.admin_url = (
            self._cloud.url("keystone", "/v3", interface=interface)
            for interface in ("public", "internal", "admin")
        )
        first.immutable_roles = True
        first.bootstrap()
        self._users = {"admin": first.admin_user_id}
        self._projects = {"admin": first.project_id}
        self._keystone = first.service_id

    def _role(self, name: str) -> None:
        self._roles[name] = new = _id()
        role: dict[str, Any] = {"id": new, "name": name, "domain_id": None, "options": {}}
        self._apis.role_api.create_role(new, role)

    def _regions(self) -> None:
        for region in REGIONS[1:]:
            self._apis.catalog_api.create_region(
                {"id": region, "description": "", "parent_region_id": None}
            )

    def _service(self, name: str) -> None:
        for number, endpoint in enumerate(SERVICES[name].endpoints):
            if name == "keystone":
                self._endpoints(name, self._keystone, endpoint, REGIONS[1:])
                continue
            new = _id()
            # A second type of the same service has a name of its own.
            label = name if number == 0 else endpoint.type
            service = {"id": new, "type": endpoint.type, "enabled": True, "name": label}
            self._apis.catalog_api.create_service(new, service)
            self._endpoints(name, new, endpoint, REGIONS)

    def _endpoints(
        self, name: str, service: str, endpoint: Endpoint, regions: tuple[str, ...]
    ) -> None:
        for region in regions:
            path = endpoint.path
            if region != REGIONS[0] and endpoint.second_path is not None:
                path = endpoint.second_path
            for interface in ADDRESSES[region]:
                new = _id()
                fields = {
                    "id": new,
                    "region_id": region,
                    "service_id": service,
                    "interface": interface,
                    "enabled": True,
                    "url": self._cloud.url(name, path, region=region, interface=interface),
                }
                self._apis.catalog_api.create_endpoint(new, fields)

    def _people(self) -> None:
        for user, project in USERS.items():
            if project not in self._projects:
                self._projects[project] = self._project(project)
            if user not in self._users:
                self._users[user] = self._user(user, self._projects[project])
            for role in _ROLES[user]:
                self._grant(role, user, project_id=self._projects[project])

    def _project(self, name: str) -> str:
        new = _id()
        project = _resource(new, name) | {"domain_id": "default", "parent_id": "default"}
        self._apis.resource_api.create_project(new, project | {"is_domain": False})
        return new

    def _user(self, name: str, project: str | None = None, domain: str = "default") -> str:
        user: dict[str, Any] = {
            "name": name,
            "password": self._cloud.passwords[name],
            "domain_id": domain,
            "enabled": True,
            "options": {},
        }
        if project:
            user["default_project_id"] = project
        created: dict[str, str] = self._apis.identity_api.create_user(user, initiator=None)
        return created["id"]

    def _grant(self, role: str, user: str, **where: str) -> None:
        self._apis.assignment_api.create_grant(
            self._roles[role], user_id=self._users[user], **where
        )

    def _heat_domain(self) -> None:
        """Make the domain in which Heat creates users of its own for what is in a stack."""
        new = _id()
        self._apis.resource_api.create_domain(new, _resource(new, "heat"))
        self._users["heat"] = self._user("heat", domain=new)
        self._grant("admin", "heat", domain_id=new)


def _make_keys() -> None:
    import keystone.conf
    from keystone.common import fernet_utils

    for section in ("fernet_tokens", "credential"):
        folder = keystone.conf.CONF[section].key_repository
        keys = fernet_utils.FernetUtils(folder, 3, section)
        keys.create_key_directory()
        keys.initialize_key_repository()


def _resource(new: str, name: str) -> dict[str, Any]:
    return {"id": new, "name": name, "enabled": True, "description": "", "options": {}}


def _id() -> str:
    return uuid.uuid4().hex
