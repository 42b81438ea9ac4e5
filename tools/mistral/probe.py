# SPDX-FileCopyrightText: The Mistral SDK authors
# SPDX-License-Identifier: Apache-2.0
"""Look for texts in a server's database, or in the messages of its broker.

Run by the Python of the server's environment, which has the drivers. The URL is a variable of the
environment, since everybody sees a command line. Each finding is a line: place, tab, the number of
the text.
"""

from __future__ import annotations

import json
import os
import sys
import threading
from typing import TYPE_CHECKING, Any

if TYPE_CHECKING:
    from collections.abc import Sequence

__all__ = ["listen", "search"]


def search(texts: Sequence[str]) -> None:
    """Look through each column of each table."""
    import sqlalchemy

    engine = sqlalchemy.create_engine(os.environ["DATABASE"])
    with engine.connect() as connection:
        for table in sqlalchemy.inspect(engine).get_table_names():
            for row in connection.execute(sqlalchemy.text(f'select * from "{table}"')).mappings():
                for column, value in row.items():
                    _report(f"{table}.{column}", str(value), texts)


def listen(texts: Sequence[str]) -> None:
    """Take a copy of each message to a server of the broker, until the input ends."""
    import kombu  # type: ignore[import-not-found]

    ended = threading.Event()

    def receive(body: Any, message: Any) -> None:
        payload = json.loads(body) if isinstance(body, str) else body
        said = payload.get("oslo.message", payload)
        said = json.loads(said) if isinstance(said, str) else said
        _report(said.get("method", "an answer"), json.dumps(said), texts)

    with kombu.Connection(os.environ["TRANSPORT"].replace("rabbit://", "amqp://", 1)) as connection:
        exchange = kombu.Exchange("openstack", type="topic", passive=True, durable=True)
        queue = kombu.Queue("spy", exchange, "#", auto_delete=True, durable=False)
        with kombu.Consumer(connection, [queue], callbacks=[receive], no_ack=True):
            print("listening", flush=True)
            threading.Thread(target=_set_at_end_of_input, args=[ended]).start()
            while True:
                try:
                    connection.drain_events(timeout=0.5)
                except TimeoutError:
                    if ended.is_set():
                        return


def _set_at_end_of_input(ended: threading.Event) -> None:
    sys.stdin.read()
    ended.set()


def _report(place: str, value: str, texts: Sequence[str]) -> None:
    for number, text in enumerate(texts):
        if text in value:
            print(f"{place}\t{number}", flush=True)


if __name__ == "__main__":
    {"search": search, "listen": listen}[sys.argv[1]](sys.argv[2:])
