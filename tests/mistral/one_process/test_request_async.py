# SPDX-FileCopyrightText: The Mistral SDK authors
# SPDX-License-Identifier: Apache-2.0
"""A request whose result another system delivers, by what the request told it."""

import http.server
import json
import re
import textwrap
import threading
from pathlib import Path

import pytest

PAGE = Path(__file__).parents[3] / "docs" / "howto" / "http.rst"


@pytest.fixture
def desk(workflows):
    """A system that takes questions, and delivers each answer to where its headers say."""
    asked = []

    class Desk(http.server.BaseHTTPRequestHandler):
        def do_POST(self):
            asked.append(json.loads(self.rfile.read(int(self.headers["Content-Length"]))))
            self.send_response(202)
            self.end_headers()
            threading.Thread(target=self.deliver).start()

        def deliver(self):
            path = self.headers["Mistral-Callback-URL"]
            assert self.headers["Mistral-Action-Execution-Id"] in path
            told = {"state": "SUCCESS", "output": {"approved": True}}
            workflows.api.request("PUT", path.removeprefix("/v2/"), told)

        def log_message(self, *_):
            pass

    with http.server.ThreadingHTTPServer(("127.0.0.1", 0), Desk) as server:
        thread = threading.Thread(target=server.serve_forever)
        thread.start()
        yield f"http://127.0.0.1:{server.server_port}", asked
        server.shutdown()
        thread.join()


def test_the_task_waits_until_the_other_system_has_answered(workflows, desk):
    url, asked = desk
    blocks = re.findall(r"\.\. code-block:: yaml\n\n((?:   .*\n|\n)+)", PAGE.read_text("utf-8"))
    text = next(textwrap.dedent(block) for block in blocks if "approve:" in block)
    run = workflows.run(text, {"desk": url, "question": "Go?"})
    assert (run.state, run.output) == ("SUCCESS", {"answer": True}), (run.info, run.tasks)
    assert asked == [{"question": "Go?"}]
