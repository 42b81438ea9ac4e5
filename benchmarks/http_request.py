# SPDX-FileCopyrightText: The Mistral SDK authors
# SPDX-License-Identifier: Apache-2.0
"""What ``http.request`` costs beyond the client that it is built on, on loopback.

    python benchmarks/http_request.py [CALLS]

The server is a process of its own that answers each connection with the same 13 bytes of JSON. All
sides open a connection for each call; they take turns, so that a busy machine is busy for all. The
target is an overhead of less than 0.3 ms over urllib3, compared by the medians. Beside the time on
the clock stands the CPU time of this process, which others' work lengthens less.
"""

from __future__ import annotations

import contextlib
import json
import multiprocessing
import socket
import statistics
import sys
import time
from collections.abc import Callable, Iterator

import requests
import urllib3

from mistral_extra import config
from mistral_extra.actions.http.request import request
from mistral_lib import actions

ANSWER = (
    b"HTTP/1.1 200 OK\r\nContent-Type: application/json\r\nContent-Length: 13\r\n"
    b"Connection: close\r\n\r\n" + b'{"ok": "yes"}'
)


def serve(listening: socket.socket) -> None:
    """Answer whoever connects."""
    while True:
        connection, _ = listening.accept()
        with connection:
            while b"\r\n\r\n" not in connection.recv(65536):
                pass
            connection.sendall(ANSWER)


@contextlib.contextmanager
def server() -> Iterator[str]:
    """Run the server; yield its URL."""
    with socket.create_server(("127.0.0.1", 0), backlog=128) as listening:
        process = multiprocessing.get_context("fork").Process(target=serve, args=(listening,))
        process.start()
        yield f"http://127.0.0.1:{listening.getsockname()[1]}/"
        process.terminate()
        process.join()


def with_urllib3(url: str) -> object:
    """The bare client."""
    with urllib3.PoolManager() as pool:
        return json.loads(pool.request("GET", url, retries=False).data)


def with_requests(url: str) -> object:
    """What an author would write without us."""
    return requests.get(url, timeout=60).json()


def with_action(url: str) -> object:
    """Ours, by the runner: parameters checked, the result JSON-ready."""
    return actions.run(request, {"url": url})["content"]


def milliseconds(function: Callable[[str], object], url: str) -> tuple[float, float]:
    """Return how long one call took: on the clock, and of CPU."""
    start, worked = time.perf_counter(), time.process_time()
    assert function(url) == {"ok": "yes"}
    return (time.perf_counter() - start) * 1000, (time.process_time() - worked) * 1000


def main(calls: int) -> None:
    """Measure and print."""
    config.CONF.set_override("allowed_networks", ["127.0.0.1/32"], group="http_action")
    sides = {"urllib3": with_urllib3, "requests": with_requests, "http.request": with_action}
    taken: dict[str, list[tuple[float, float]]] = {name: [] for name in sides}
    with server() as url:
        for number in range(calls + 20):
            for name, function in sides.items():
                spent = milliseconds(function, url)
                if number >= 20:
                    taken[name].append(spent)
    medians = {
        name: list(map(statistics.median, zip(*both, strict=True))) for name, both in taken.items()
    }
    for name, (clock, cpu) in medians.items():
        least = min(taken[name])[0]
        print(f"{name:14} median {clock:6.3f} ms   least {least:6.3f} ms   CPU {cpu:6.3f} ms")
    clock, cpu = medians["http.request"]
    for bare in ("urllib3", "requests"):
        others, others_cpu = medians[bare]
        print(f"overhead over {bare}: {clock - others:+.3f} ms, of CPU {cpu - others_cpu:+.3f} ms")


if __name__ == "__main__":
    main(int(sys.argv[1]) if len(sys.argv) > 1 else 1000)
