# SPDX-FileCopyrightText: The Mistral SDK authors
# SPDX-License-Identifier: Apache-2.0
"""Makes SQLite hold several writers at once.

oslo.db opens every SQLite transaction with a deferred BEGIN. One that reads and then writes fails
at once with "database is locked" when another wrote in between, whatever the time-out. Here a
writer's transaction takes the lock at its start, and waits for it; and the files are in WAL mode,
so that readers neither wait nor make others wait.
"""

from __future__ import annotations

import sqlite3
from typing import TYPE_CHECKING, Any

if TYPE_CHECKING:
    from tools.sandbox.cloud import Cloud

__all__ = ["create", "create_tables", "take_lock_at_start"]

_WRITER = "sandbox_writer"


def create(cloud: Cloud, *names: str) -> None:
    """Make empty databases in WAL mode; a database stays in it."""
    for name in names:
        connection = sqlite3.connect(cloud.folder / "db" / f"{name}.db")
        connection.execute("PRAGMA journal_mode=WAL")
        # The mode is kept in the file's header, which exists once something is written.
        connection.execute("PRAGMA user_version=1")
        connection.close()


def create_tables(cloud: Cloud, name: str, metadata: Any) -> None:
    """Make the tables of a service's models, as the last of its migrations would leave them.

    :param metadata: SQLAlchemy's, of the models.
    """
    import sqlalchemy

    engine = sqlalchemy.create_engine(cloud.database(name))
    metadata.create_all(engine)
    engine.dispose()


def take_lock_at_start() -> None:
    """Have oslo.db's writers, in this process and its forks, begin as writers."""
    import sqlalchemy.event
    import sqlalchemy.orm
    from oslo_db.sqlalchemy import enginefacade

    # It has no hook that knows the mode of a session: hence the private name.
    create_session = enginefacade._TransactionFactory._create_session

    def create_marked(factory: Any, mode: Any, bind: Any = None) -> Any:
        session = create_session(factory, mode, bind=bind)
        session.info[_WRITER] = mode is enginefacade._WRITER
        return session

    enginefacade._TransactionFactory._create_session = create_marked
    sqlalchemy.event.listen(sqlalchemy.orm.Session, "after_begin", _begin)


def _begin(session: Any, transaction: Any, connection: Any) -> None:
    writes = session.info.get(_WRITER) and not transaction.nested
    if writes and connection.dialect.name == "sqlite":
        raw = connection.connection.dbapi_connection
        raw.execute("COMMIT")
        raw.execute("BEGIN IMMEDIATE")
