# SPDX-FileCopyrightText: The Mistral SDK authors
# SPDX-License-Identifier: Apache-2.0
"""The example workflow on a running server: a folder's manifest is written, signed and checked."""

from __future__ import annotations

import tempfile
import time
from pathlib import Path
from typing import TYPE_CHECKING, Any

from tools.supervision.errors import SupervisionError

if TYPE_CHECKING:
    from collections.abc import Callable

    from tools.mistral.handle import Server

__all__ = ["WORKFLOWS", "run"]

_EXAMPLES = Path(__file__).parents[2] / "examples"
WORKFLOWS = _EXAMPLES / "workflows"

#: One task for each folder of this many, so that a cluster has something to share.
_FOLDERS = 20
_SHARED = """\
version: '2.0'

report_folders:
  description: Reports on several folders at once; each executor takes some of them.
  input: [folders]
  output:
    files: <% $.reports.select($.total.files).sum() %>
  tasks:
    report:
      with-items: folder in <% $.folders %>
      action: files.report folder=<% $.folder %>
      publish:
        reports: <% task().result %>
"""


def run(server: Server, say: Callable[[str], object]) -> None:
    """Run the example workflows and say how they ended.

    :raises SupervisionError: when one doesn't end in SUCCESS.
    """
    api = server.api()
    for path in sorted(WORKFLOWS.glob("*.yaml")):
        api.add_workflows(path.read_text(encoding="utf-8"))
    api.add_workflows(_SHARED)
    with tempfile.TemporaryDirectory() as made:
        place = {"folder": str(_EXAMPLES), "manifest": str(Path(made, "SHA256SUMS"))}
        key = {"env": {"signing_key": "a key for this demo only"}}
        _run(server, say, "publish_folder", place, params=key)
        _run(server, say, "check_folder", place)
        folders = [str(_EXAMPLES / "src")] * _FOLDERS
        _run(server, say, "report_folders", {"folders": folders})


def _run(
    server: Server, say: Callable[[str], object], name: str, given: object, **details: Any
) -> None:
    begin = time.monotonic()
    ended = server.api().run(name, given, **details)
    say(f"{name}: {ended['state']} in {time.monotonic() - begin:.1f} s: {ended['output']}")
    if ended["state"] != "SUCCESS":
        raise SupervisionError(f"{name} ended in {ended['state']}: {ended['state_info']}")
