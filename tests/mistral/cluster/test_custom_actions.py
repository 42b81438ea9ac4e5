# SPDX-FileCopyrightText: The Mistral SDK authors
# SPDX-License-Identifier: Apache-2.0
"""Actions of a plug-in, in each form, shared by both executors."""

from collections import Counter

import pytest

ITEMS = """
version: '2.0'
items:
  input: [action, count, journal]
  output:
    places: <% $.places %>
  tasks:
    each:
      with-items: i in <% range($.count).toList() %>
      action: <% $.action %>
      input:
        item: <% $.i %>
        journal: <% $.journal %>
      publish:
        places: <% task().result %>
"""


@pytest.mark.parametrize(
    "action",
    ["classic.where", "typed.where", "typed.where_async", "typed.where_nested"],
    ids=["class", "function", "coroutine", "runs others"],
)
def test_two_hundred_items_are_shared_by_both_executors(shared_workflows, journal, action):
    given = {"action": action, "count": 200, "journal": str(journal)}
    run = shared_workflows.run(ITEMS, given, seconds=120)
    assert run.state == "SUCCESS", run.info
    places = run.output["places"]
    assert [place["item"] for place in places] == list(range(200))
    nodes = Counter(place["node"] for place in places)
    assert nodes.keys() == {"executor-1", "executor-2"}
    assert min(nodes.values()) >= 50
    # Each item ran once, counted from outside.
    assert len(list(journal.iterdir())) == 200
