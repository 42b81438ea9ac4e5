# SPDX-FileCopyrightText: The Mistral SDK authors
# SPDX-License-Identifier: Apache-2.0
"""What narrows a listing, where a client takes any names and hands them on.

Facts from three sources: the client's own code where it looks at single names and drops all
others; ``filters.json`` for what the APIs document; nothing, which leaves the method open, where
the service itself refuses names that it does not know, or nobody documents them.

``python -m tools.catalogue.filters`` writes the parts of ``filters.json`` that come from packages
anew. It needs ``openstacksdk`` and ``neutron-lib`` installed, in an environment of their own.
"""

from __future__ import annotations

import ast
import functools
import importlib
import inspect
import json
import pkgutil
from pathlib import Path
from typing import TYPE_CHECKING, Any

from mistral_extra.actions.openstack import catalogue, signatures
from tools.catalogue import methods

if TYPE_CHECKING:
    from collections.abc import Callable

__all__ = ["accepted", "documented"]

_FILE = Path(__file__).with_name("filters.json")


def accepted(service: str, path: str, method: Callable[..., Any]) -> list[str] | None:
    """Return the names that ``**`` of a method takes, None where it takes any."""
    read = _read_by(method)
    if read is not None:
        return sorted(read)
    facts = _facts()["any"].get(service, {}).get(path)
    return None if facts is None else sorted({*facts, *_facts()["every"].get(service, [])})


def documented(service: str, path: str) -> dict[str, list[str]]:
    """Return the filters that an API documents, by the dictionary parameter that takes them.

    The service ignores others by design.
    """
    found: dict[str, list[str]] = _facts()["inside"].get(service, {}).get(path, {})
    return {parameter: sorted(names) for parameter, names in found.items()}


@functools.cache
def _facts() -> dict[str, Any]:
    facts: dict[str, Any] = json.loads(_FILE.read_text("utf-8"))
    return facts


# The client's code.


def _read_by(method: Callable[..., Any]) -> set[str] | None:
    """Return the names a client's code reads of ``**``, None if it hands all of it on."""
    functions = [v.function for v in signatures.versions(method)] or [method]
    names: set[str] = set()
    for function in functions:
        tree = methods.source_of(function)
        if tree is None:
            return None
        # A version of the method may take no others at all.
        read = _names_read(tree, tree.args.kwarg.arg) if tree.args.kwarg else set()
        if read is None:
            return None
        names |= read
    return names


def _names_read(tree: ast.FunctionDef, extra: str) -> set[str] | None:
    parents = {child: node for node in ast.walk(tree) for child in ast.iter_child_nodes(node)}
    names = set()
    for node in ast.walk(tree):
        if not (isinstance(node, ast.Name) and node.id == extra):
            continue
        name = _name_read(node, parents)
        if name is None:
            return None
        names.add(name)
    return names


def _name_read(node: ast.Name, parents: dict[ast.AST, ast.AST]) -> str | None:
    """Return the name of ``kwargs["name"]``, ``kwargs.get("name")`` or ``"name" in kwargs``."""
    parent = parents[node]
    key: ast.AST | None = None
    if isinstance(parent, ast.Subscript) and isinstance(parent.ctx, ast.Load):
        key = parent.slice
    elif isinstance(parent, ast.Compare) and isinstance(parent.ops[0], ast.In | ast.NotIn):
        key = parent.left
    elif isinstance(parent, ast.Attribute) and parent.attr in ("get", "pop"):
        call = parents[parent]
        key = call.args[0] if isinstance(call, ast.Call) and call.args else None
    return key.value if isinstance(key, ast.Constant) and isinstance(key.value, str) else None


# The packages.

#: Neutron's lists whose name is not that of the collection.
_NEUTRON = {
    "bgp_peers": "bgp-peers",
    "bgp_speakers": "bgp-speakers",
    "bgpvpn_network_assocs": "network_associations",
    "bgpvpn_port_assocs": "port_associations",
    "bgpvpn_router_assocs": "router_associations",
    "fwaas_firewall_groups": "firewall_groups",
    "fwaas_firewall_policies": "firewall_policies",
    "fwaas_firewall_rules": "firewall_rules",
    "network_logs": "logs",
    "port_bindings": "bindings",
    "qos_policies": "policies",
    "qos_rule_types": "rule_types",
    "sfc_flow_classifiers": "flow_classifiers",
    "sfc_port_chains": "port_chains",
    "sfc_port_pair_groups": "port_pair_groups",
    "sfc_port_pairs": "port_pairs",
}
#: Octavia's lists -> class of openstacksdk.
_OCTAVIA = {
    "amphora": "Amphora",
    "availabilityzone": "AvailabilityZone",
    "availabilityzoneprofile": "AvailabilityZoneProfile",
    "flavor": "Flavor",
    "flavorprofile": "FlavorProfile",
    "health_monitor": "HealthMonitor",
    "l7policy": "L7Policy",
    "l7rule": "L7Rule",
    "listener": "Listener",
    "load_balancer": "LoadBalancer",
    "member": "Member",
    "pool": "Pool",
    "quota": "Quota",
}
#: Keystone's managers -> class of openstacksdk.
_KEYSTONE = {
    "access_rules": "AccessRule",
    "application_credentials": "ApplicationCredential",
    "credentials": "Credential",
    "domains": "Domain",
    "endpoint_groups": "EndpointGroup",
    "endpoints": "Endpoint",
    "federation.identity_providers": "IdentityProvider",
    "federation.mappings": "Mapping",
    "federation.protocols": "FederationProtocol",
    "federation.service_providers": "ServiceProvider",
    "groups": "Group",
    "limits": "Limit",
    "policies": "Policy",
    "projects": "Project",
    "regions": "Region",
    "registered_limits": "RegisteredLimit",
    "roles": "Role",
    "services": "Service",
    "trusts": "Trust",
    "users": "User",
}
#: Lists whose ``search_opts`` the service reads as it likes -> class of openstacksdk.
_SEARCHED = {
    "nova": {"servers.list": ("compute.v2", "Server")},
    "cinder": {
        "attachments.list": ("block_storage.v3", "Attachment"),
        "backups.list": ("block_storage.v3", "Backup"),
        "groups.list": ("block_storage.v3", "Group"),
        "group_snapshots.list": ("block_storage.v3", "GroupSnapshot"),
        "group_types.list": ("block_storage.v3", "GroupType"),
        "transfers.list": ("block_storage.v3", "Transfer"),
        "volume_snapshots.list": ("block_storage.v3", "Snapshot"),
        "volume_types.list": ("block_storage.v3", "Type"),
        "volumes.list": ("block_storage.v3", "Volume"),
    },
    "manila": {
        "share_groups.list": ("shared_file_system.v2", "ShareGroup"),
        "share_instances.list": ("shared_file_system.v2", "ShareInstance"),
        "share_networks.list": ("shared_file_system.v2", "ShareNetwork"),
        "share_snapshots.list": ("shared_file_system.v2", "ShareSnapshot"),
        "shares.list": ("shared_file_system.v2", "Share"),
    },
}


def _from_packages(facts: dict[str, Any]) -> None:
    """Put what the packages know in its place in ``facts``."""
    neutron = _neutron_attributes()
    facts["any"]["neutron"] = {
        f"list_{name}": sorted(neutron[_NEUTRON.get(name, name)])
        for name in _neutron_lists()
        if _NEUTRON.get(name, name) in neutron
    }
    octavia = _sdk("load_balancer.v2")
    facts["any"]["octavia"] = {
        f"{name}_list": _filters_of(octavia[cls]) for name, cls in _OCTAVIA.items()
    }
    keystone = _sdk("identity.v3")
    by_hand = facts["keystone, of the API reference"]
    facts["any"]["keystone"] = {
        f"{name}.{method}": sorted({*_queries_of(keystone[cls]), *by_hand.get(name, [])})
        for name, cls in _KEYSTONE.items()
        for method in ("list", "find")
    }
    by_hand = facts["search_opts, of the API references"]
    for service, lists in _SEARCHED.items():
        more = by_hand.get(service, {})
        facts["inside"][service] = {
            path: {"search_opts": sorted({*_searched_in(_sdk(version)[cls]), *more.get(path, [])})}
            for path, (version, cls) in lists.items()
        }


def _neutron_lists() -> list[str]:
    targets = catalogue.mapping()["neutron"].values()
    return [t.removeprefix("list_") for t in targets if t.startswith("list_")]


def _neutron_attributes() -> dict[str, set[str]]:
    """Return the names of all attributes of each collection, and of what queries of it take."""
    from neutron_lib.api import definitions

    found: dict[str, set[str]] = {}
    for info in pkgutil.iter_modules(definitions.__path__):
        module = importlib.import_module(f"{definitions.__name__}.{info.name}")
        for name, attributes in (getattr(module, "RESOURCE_ATTRIBUTE_MAP", None) or {}).items():
            found.setdefault(name, set()).update(attributes)
        below = getattr(module, "SUB_RESOURCE_ATTRIBUTE_MAP", None) or {}
        for name, parts in below.items():
            found.setdefault(name, set()).update(parts.get("parameters", {}))
    for cls in _sdk("network.v2").values():
        name = (cls.base_path or "").rpartition("/")[2].replace("-", "_")
        found.setdefault(name, set()).update(_filters_of(cls))
    return found


def _sdk(version: str) -> dict[str, Any]:
    """Return openstacksdk's resource classes of a service that can be listed, by name."""
    from openstack import resource

    package = importlib.import_module(f"openstack.{version}")
    found = {}
    for info in pkgutil.iter_modules(package.__path__):
        module = importlib.import_module(f"{package.__name__}.{info.name}")
        for name, cls in inspect.getmembers(module, inspect.isclass):
            own = cls.__module__ == module.__name__
            if own and issubclass(cls, resource.Resource) and cls.allow_list:
                found[name] = cls
    return found


def _queries_of(cls: Any) -> set[str]:
    """Return what a query of a resource takes, by the API's names."""
    values = cls._query_mapping._mapping.values()
    return {v["name"] if isinstance(v, dict) else v for v in values}


def _filters_of(cls: Any) -> list[str]:
    """Return what a query takes, and the resource's fields: most services filter by any."""
    fields = cls._body_mapping()
    return sorted(_queries_of(cls) | {*fields.keys(), *fields.values()})


def _searched_in(cls: Any) -> set[str]:
    """Return what a query takes, and the fields as the API names them, but for extensions'."""
    fields = {name for name in cls._body_mapping() if ":" not in name}
    return {*_queries_of(cls), *fields, "all_tenants", "tenant_id"}


if __name__ == "__main__":
    content = json.loads(_FILE.read_text("utf-8"))
    _from_packages(content)
    _FILE.write_text(json.dumps(content, indent=1, ensure_ascii=False) + "\n", encoding="utf-8")
