# SPDX-FileCopyrightText: The Mistral SDK authors
# SPDX-License-Identifier: Apache-2.0
"""All of a Mistral server in one process, over SQLite: ``python -m tools.mistral.one_process``.

``mistral-server --server all`` forks a process for each of its parts, and the in-memory transport
(``fake://``) can't join those: here each part is a few threads.
"""

from __future__ import annotations

import importlib
import signal
import sqlite3
import sys
import threading
from pathlib import Path
from typing import Any

__all__ = ["main"]


def main(config: str) -> None:
    """Serve until SIGTERM."""
    # First of all, since this is where the server chooses threads over eventlet.
    importlib.import_module("mistral.cmd")
    # Then this: otherwise a circular import makes stevedore drop the std.* actions.
    importlib.import_module("mistral.api.app")
    configuration = importlib.import_module("mistral.config")
    from oslo_config import cfg
    from oslo_log import log

    configuration.parse_args(["--config-file", config])
    log.setup(cfg.CONF, "Mistral")
    _make_database(cfg.CONF)
    services = _start()
    stop = threading.Event()
    signal.signal(signal.SIGTERM, lambda *_: stop.set())
    signal.signal(signal.SIGINT, lambda *_: stop.set())
    stop.wait()
    for service in reversed(services):
        service.stop()


def _make_database(options: Any) -> None:
    from tools.sandbox import sqlite

    sqlite.take_lock_at_start()
    path = Path(options.database.connection.removeprefix("sqlite:///").partition("?")[0])
    connection = sqlite3.connect(path)
    connection.execute("PRAGMA journal_mode=WAL")
    connection.close()
    # Alembic's migrations don't run on SQLite.
    importlib.import_module("mistral.db.v2.api").setup_db()
    importlib.import_module("mistral.services.action_manager").sync_db()
    importlib.import_module("mistral.services.workflows").sync_db()


def _start() -> list[Any]:
    importlib.import_module("mistral.rpc.base").get_transport()
    modules = (
        "mistral.executors.executor_server",
        "mistral.engine.engine_server",
        "mistral.notifiers.notification_server",
    )
    services = [
        importlib.import_module(name).get_oslo_service(setup_profiler=False) for name in modules
    ]
    services.append(importlib.import_module("mistral.api.service").WSGIService("mistral_api"))
    for service in services:
        service.start()
    return services


if __name__ == "__main__":
    main(sys.argv[1])
