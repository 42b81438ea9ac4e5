# SPDX-FileCopyrightText: The Mistral SDK authors
# SPDX-License-Identifier: Apache-2.0
"""Public methods of clients that are no actions, each with its reason.

What upstream mapped stays mapped, whatever is said here: its names are API.
"""

from __future__ import annotations

from fnmatch import fnmatchcase

__all__ = ["reason"]

_PLUMBING = "the client's own plumbing"
_RAW = "sends any request, past what the client knows of the API"
_LOCAL = "reads or writes files, or works, where the executor runs"
_UNSAVED = "makes an object in memory, without telling the service"
_MANAGER = "a method of a resource that its manager has under another name, or that fails"
_LOGIN = "logging in is the session's business"

#: Patterns of method paths, for all services.
_EVERYWHERE = {
    "*add_hook": _PLUMBING,
    "*run_hooks": _PLUMBING,
    "*completion_cache": _PLUMBING,
    "*alternate_service_type": _PLUMBING,
    "*build_url": _PLUMBING,
    "*build_key_only_query": _PLUMBING,
    "*convert_into_with_meta": _PLUMBING,
    "*get_contents_if_file": _LOCAL,
    "*get_timings": _PLUMBING,
    "*reset_timings": _PLUMBING,
    "api_version": _PLUMBING,
    # Attributes by which one part of a client reaches another, or the transport.
    "*.api": _PLUMBING,
    "*.client": _PLUMBING,
    "*http_client": _PLUMBING,
    "*.schema_client": _PLUMBING,
    "authenticate": _LOGIN,
    "get_*_api_version_from_endpoint": _PLUMBING,
}

_BY_SERVICE = {
    "nova": {"servers.transform_userdata": _LOCAL},
    "glance": {"cache.is_supported": _PLUMBING},
    "keystone": {
        **dict.fromkeys(("get", "head", "post", "put", "patch", "delete", "request"), _RAW),
        "*.head": "get says the same, and more",
        "*.put": "the client's name for what create and update do",
        "get_*": _LOGIN,
        "has_service_catalog": _LOGIN,
        "invalidate": _LOGIN,
        "load_from_*": _LOGIN,
        "process_token": _LOGIN,
        "register_*": _LOGIN,
        "serialize": _PLUMBING,
        "store_auth_ref_into_keyring": _LOGIN,
    },
    "heat": {"*.data": _MANAGER},
    "neutron": {
        **dict.fromkeys(("get", "post", "put", "delete", "list", "do_request"), _RAW),
        "retry_request": _RAW,
        "get_auth_info": "gives the token away",
        "serialize": _PLUMBING,
        "deserialize": _PLUMBING,
        "get_attr_metadata": _PLUMBING,
        "get_resource_plural": _PLUMBING,
        "extend_*": _PLUMBING,
    },
    "cinder": {"services.server_api_version": _PLUMBING},
    "trove": {
        "instances.log_generator": "downloads from another service",
        "instances.log_save": _LOCAL,
        "instances.detach_replica": _MANAGER,
        "instances.list_databases": _MANAGER,
        "mgmt_ds_versions.update": _MANAGER,
        "mgmt_instances.delete": _MANAGER,
        "mgmt_instances.detach_replica": _MANAGER,
        "mgmt_instances.force_delete": _MANAGER,
        "mgmt_instances.list_databases": _MANAGER,
        "mgmt_instances.restart": _MANAGER,
    },
    "ironic": {"negotiate_api_version": _PLUMBING},
    "baremetal_introspection": {"request": _RAW, "server_api_versions": _PLUMBING},
    "swift": {
        "close": _PLUMBING,
        "get_auth": _LOGIN,
        "get_service_auth": _LOGIN,
        "http_connection": _PLUMBING,
    },
    "swiftservice": {"thread_manager": _PLUMBING},
    "manila": {
        "share_access_rules.delete": _MANAGER,
        "share_snapshots.unmanage_snapshot": _MANAGER,
    },
    "zaqar": {
        "follow": _RAW,
        "transport": _PLUMBING,
        # Each makes an object that sends a request of its own when it is asked for something.
        **dict.fromkeys(("queue", "queues", "pool", "pools", "flavor", "flavors"), _UNSAVED),
        **dict.fromkeys(("subscription", "subscriptions"), _UNSAVED),
    },
    "barbican": {
        "acls.create": _UNSAVED,
        "containers.create*": _UNSAVED,
        "orders.create*": _UNSAVED,
        "secrets.create": _UNSAVED,
    },
    "octavia": {
        "create": _RAW,
        "delete": _RAW,
        "find*": _RAW,
        "list": _RAW,
        "correct_return_codes": _PLUMBING,
    },
    "tacker": dict.fromkeys(("get", "post", "put", "delete", "list"), _RAW),
    "freezer": {"validate": _PLUMBING},
}


def reason(service: str, path: str) -> str:
    """Return why a method (or what groups methods) is no action, empty where it is one."""
    for patterns in (_EVERYWHERE, _BY_SERVICE.get(service, {})):
        for pattern, why in patterns.items():
            if fnmatchcase(path, pattern):
                return why
    return ""
