# SPDX-FileCopyrightText: The Mistral SDK authors
# SPDX-License-Identifier: Apache-2.0
"""Installed providers that a server's allow list leaves out.

Lists made for upstream's libraries (``legacy,adhoc,dynamic``) know no provider but the server's
own, and what is left out is missing without a word.
"""

from __future__ import annotations

import sys
from typing import TYPE_CHECKING, Any

from mistral_lib.actions.providers import plugins

if TYPE_CHECKING:
    from importlib.metadata import EntryPoint

__all__ = ["OPTION", "entry_points", "remedy", "warn"]

_GROUP, _NAME = "action_providers", "allowlist"

#: The server's option.
OPTION = f"[{_GROUP}] {_NAME}"


def entry_points() -> list[EntryPoint]:
    """Return the providers that are left out, except the server's own."""
    allowed = _allow_list()
    if not allowed:
        return []
    return [
        entry_point
        for entry_point in plugins.list_all(plugins.PROVIDERS)
        if entry_point.value.partition(".")[0] != plugins.SERVER
        and not plugins.allowed(entry_point.name, allowed, None)
    ]


def remedy(name: str) -> str:
    """Return what to do about a provider that is left out."""
    return f"Add {name} to {OPTION}; to have it left out without this, use denylist instead"


def warn() -> None:
    """Log what is left out."""
    found = entry_points()
    if found:
        import logging

        names = ", ".join(f"'{entry_point.name}'" for entry_point in found)
        logging.getLogger(__name__).warning(
            "%s does not name the installed action provider %s: its actions are not available. %s",
            OPTION,
            names,
            remedy(",".join(entry_point.name for entry_point in found)),
        )


def _allow_list() -> list[str]:
    """Return the option's value: as a server registered it, or from the files that were read."""
    # A process that has not imported oslo.config has read no configuration file either.
    cfg: Any = sys.modules.get("oslo_config.cfg")
    if cfg is None:
        return []
    conf = cfg.CONF
    if _GROUP not in conf:
        # Registered apart, since the server may still do it.
        read = conf.config_file if "config_file" in conf else None
        files = [word for file in read or () for word in ("--config-file", file)]
        conf = cfg.ConfigOpts()
        conf.register_opt(cfg.ListOpt(_NAME), _GROUP)
        conf(files, default_config_files=[], default_config_dirs=[])
    return list(conf[_GROUP][_NAME] or ())
