# SPDX-FileCopyrightText: The Mistral SDK authors
# SPDX-License-Identifier: Apache-2.0
"""No parameter of any action is taken for a file of the executor, or for a URL to fetch.

Every action of every service runs with bait in each of its parameters, while an audit hook notes
what the process opens, and where it connects to.
"""

import contextlib
import http.server
import os
import sys
import threading
import urllib.request
from urllib.parse import urlsplit

import pytest

from mistral_extra.actions.openstack import catalogue, client_cache, services
from mistral_lib.actions import Runner

pytestmark = pytest.mark.slow

#: Of CPython's audit events, those that reach a file, a program or a host.
EVENTS = {
    "open",
    "os.chmod",
    "os.listdir",
    "os.mkdir",
    "os.remove",
    "os.rename",
    "os.scandir",
    "os.utime",
    "socket.connect",
    "subprocess.Popen",
}


class Notes:
    """What the process did while :meth:`of` a block ran."""

    def __init__(self):
        self._noted = None
        sys.addaudithook(self._note)

    def _note(self, event, args):
        if self._noted is not None and event in EVENTS:
            self._noted.append((event, str(args)))

    @contextlib.contextmanager
    def of(self):
        self._noted = noted = []
        yield noted
        self._noted = None


@pytest.fixture(scope="session")
def notes():
    # A hook remains: one is enough.
    return Notes()


@pytest.fixture
def bait(tmp_path):
    """Return a file, a folder and URLs that nobody may open, and what was fetched of them."""
    fetched = []

    class Metadata(http.server.BaseHTTPRequestHandler):
        def do_GET(self):
            fetched.append(self.path)
            self.send_response(200)
            self.end_headers()

        do_PUT = do_POST = do_DELETE = do_PATCH = do_HEAD = do_GET

        def log_message(self, *args):
            """Nobody reads it."""

    server = http.server.ThreadingHTTPServer(("127.0.0.1", 0), Metadata)
    thread = threading.Thread(target=server.serve_forever, args=(0.01,))
    thread.start()
    folder = tmp_path / "canary"
    folder.mkdir()
    file = folder / "canary.conf"
    file.write_text("name: x\nvariables: {a: 1}\n")
    url = f"http://127.0.0.1:{server.server_port}/canary"
    reference = {"get_file": str(file), "url": url, "contents": f"file://{file}"}
    yield [str(file), str(folder), f"file://{file}", url, reference], fetched
    server.shutdown()
    server.server_close()
    thread.join()


def parameters(service, target):
    entry = catalogue.entry(service, target)
    return [] if entry is None else [p.name for p in (*entry.params, *entry.keywords)]


def test_what_is_opened_is_noted(bait, notes):
    bait, fetched = bait
    file, folder, file_url, url, _ = bait
    with notes.of() as noted:
        for each in (file_url, url):
            urllib.request.urlopen(each).close()
        os.listdir(folder)
        with open(file, "rb"):
            pass
    assert ["canary" in args for event, args in noted if event == "open"].count(True) == 2
    assert {event for event, _ in noted} == {"open", "os.listdir", "socket.connect"}
    assert fetched == ["/canary"]


@pytest.mark.parametrize("service", [s.name for s in services.all()])
def test_no_parameter_opens_a_file_or_a_url(
    service, cloud, action_of, bait, notes, tmp_path, monkeypatch
):
    cloud.answer_all({})
    monkeypatch.chdir(tmp_path)
    context = cloud.context()
    port = str(urlsplit(cloud.url).port)
    bait, fetched = bait
    opened = []
    for action, target in catalogue.mapping()[service].items():
        if ":" in target:
            continue
        names = parameters(service, target)
        for value in bait:
            # One at a time, as what is wrong with another would hide it.
            for name in names or [None]:
                params = dict.fromkeys(names, "1") | ({name: value} if name else {})
                made = action_of(service, target, **params)
                with notes.of() as noted:
                    Runner().run(made, context=context)
                opened += [
                    (action, name, event, args)
                    for event, args in noted
                    if "canary" in args
                    or (event == "socket.connect" and port not in args)
                    or event == "subprocess.Popen"
                ]
    assert (opened[:5], fetched) == ([], [])
    assert [path.name for path in tmp_path.iterdir()] == ["canary"]
    client_cache.default.clear()
