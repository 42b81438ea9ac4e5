# SPDX-FileCopyrightText: The Mistral SDK authors
# SPDX-License-Identifier: Apache-2.0
"""Actions of a plug-in, in each form, on the server as it is."""

import pytest

ITEMS = """
version: '2.0'
items:
  input: [action, count]
  output:
    places: <% $.places %>
  tasks:
    each:
      with-items: i in <% range($.count).toList() %>
      action: <% $.action %> item=<% $.i %>
      publish:
        places: <% task().result %>
"""


@pytest.mark.parametrize(
    "action",
    ["classic.where", "typed.where", "typed.where_async", "typed.where_nested"],
    ids=["class", "function", "coroutine", "runs others"],
)
def test_each_form_of_action_answers_every_item(workflows, action):
    run = workflows.run(ITEMS, {"action": action, "count": 10})
    assert run.state == "SUCCESS", run.info
    assert [place["item"] for place in run.output["places"]] == list(range(10))


EXAMPLE = """
version: '2.0'
example:
  input: [folder, manifest]
  output:
    checksum: <% task(checksum).result %>
    sizes: <% task(sizes).result %>
    lines: <% task(lines).result %>
    report: <% task(report).result %>
  tasks:
    checksum:
      action: files.checksum path=<% $.manifest %>
    sizes:
      action: files.sizes folder=<% $.folder %>
    lines:
      action: files.count_lines folder=<% $.folder %> at_once=2
    report:
      action: files.report folder=<% $.folder %>
"""


def test_the_example_plug_in_says_the_same_in_every_form(workflows, tmp_path):
    folder = tmp_path / "folder"
    folder.mkdir()
    (folder / "a.txt").write_text("one\ntwo\n")
    (folder / "b.bin").write_bytes(b"\0\1")
    manifest = tmp_path / "manifest"
    manifest.write_text("")

    run = workflows.run(EXAMPLE, {"folder": str(folder), "manifest": str(manifest)})

    assert run.state == "SUCCESS", run.info
    assert run.output["checksum"]["size"] == 0
    assert run.output["sizes"]["suffixes"][".txt"] == {"bytes": 8, "files": 1}
    assert run.output["lines"]["lines"] == 2
    assert run.output["report"]["total"] == {"suffix": "*", "files": 2, "bytes": 10, "lines": 2}


def test_an_action_runs_without_a_workflow(workflows):
    ended = workflows.api.run_action("typed.where", {"item": 7})
    assert (ended["state"], ended["output"]["result"]["item"]) == ("SUCCESS", 7)
