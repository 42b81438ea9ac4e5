# SPDX-FileCopyrightText: The Mistral SDK authors
# SPDX-License-Identifier: Apache-2.0
"""Import, once for all services, what they share: each fork then starts with it.

That saves most of the seconds and of the memory that the services would take one by one.
"""

from __future__ import annotations

import gc
import importlib.util
import os
import sys
from typing import Any

from tools.sandbox import sqlite

__all__ = ["preload"]

_SHARED = """
    alembic alembic.command cryptography.fernet jsonschema keystoneauth1.loading
    keystoneauth1.session keystonemiddleware.auth_token openstack oslo_cache
    oslo_concurrency.lockutils oslo_config.cfg oslo_db.sqlalchemy.enginefacade oslo_log.log
    oslo_messaging oslo_middleware oslo_policy.policy oslo_privsep.priv_context
    oslo_reports.guru_meditation_report oslo_service.service oslo_versionedobjects.base
    osprofiler.sqlalchemy osprofiler.web paste.deploy paste.urlmap requests routes sqlalchemy
    sqlalchemy.dialects.sqlite sqlalchemy.orm stevedore waitress webob yaml
"""


# nova and cinder take the threads that all others have by now.
_THREADS = ("OS_CINDER_DISABLE_EVENTLET_PATCHING", "OS_NOVA_DISABLE_EVENTLET_PATCHING")


class _NoEventlet:
    """Hides eventlet from imports: nova refuses to run in threads once anybody has imported it."""

    @staticmethod
    def find_spec(name: str, path: Any = None, target: Any = None) -> None:
        if name.partition(".")[0] == "eventlet":
            raise ImportError("eventlet is hidden from the modules that services share")


def preload(alone: bool) -> None:
    """Import what is shared, and set up threads and SQLite.

    :param alone: a single service will run: it imports what it needs, and no more.
    """
    if not alone:
        _import_shared()
    sqlite.take_lock_at_start()
    # What is loaded now stays: unless the collector leaves it alone, forks copy its pages.
    gc.freeze()


def _import_shared() -> None:
    os.environ.update(dict.fromkeys(_THREADS, "1"))
    sys.meta_path.insert(0, _NoEventlet)
    try:
        from oslo_service import backend

        backend.init_backend(backend.BackendType.THREADING)
        for name in _SHARED.split():
            # A sandbox of few services installs only what those need.
            if importlib.util.find_spec(name.partition(".")[0]):
                importlib.import_module(name)
    finally:
        sys.meta_path.remove(_NoEventlet)
