# SPDX-FileCopyrightText: The Mistral SDK authors
# SPDX-License-Identifier: Apache-2.0
"""Swift's servers, forked from one import.

Run as ``python -m tools.sandbox.services.swift_servers FOLDER``.
"""

from __future__ import annotations

import importlib
import os
import sys
from pathlib import Path

from tools.sandbox.cloud import all_addresses
from tools.sandbox.services.swift import STORES, proxy_file
from tools.supervision import processes

__all__ = ["main"]

_SHARED = ("keystonemiddleware.auth_token", "swift.obj.server", "swift.proxy.server")


def main(folder: Path) -> None:
    """Serve what the folder's configuration says, for ever."""
    os.environ["EVENTLET_NO_GREENDNS"] = "yes"
    _point_at(folder / "swift.conf")
    for name in _SHARED:
        importlib.import_module(name)
    from swift.common.wsgi import run_wsgi

    # Each would leave the group by which a service is ended.
    os.setsid = lambda: None
    parent = os.getpid()
    servers = [(f"{name}.conf", f"{name}-server") for name in STORES]
    servers += [(proxy_file(number), "proxy-server") for number in range(len(all_addresses()))]
    for config, section in servers:
        if not os.fork():
            processes.die_with_parent(parent)
            os._exit(run_wsgi(str(folder / config), section, verbose=True) or 0)
    # They stay for ever: one that ends is a crash of the whole.
    pid, status = os.wait()
    sys.exit(f"one of swift's servers, {pid}, ended with {os.waitstatus_to_exitcode(status)}")


def _point_at(config: Path) -> None:
    """Have swift read its cluster's file from here: its path is a constant of its modules."""
    importlib.import_module("swift.common.utils")

    for name, module in list(sys.modules.items()):
        if name.startswith("swift.") and hasattr(module, "SWIFT_CONF_FILE"):
            vars(module)["SWIFT_CONF_FILE"] = str(config)


if __name__ == "__main__":
    main(Path(sys.argv[1]))
