# SPDX-FileCopyrightText: The Mistral SDK authors
# SPDX-License-Identifier: Apache-2.0
"""An action that borrows a client: each executor makes one for its user, and nobody logs in."""

from collections import Counter

ITEMS = """
version: '2.0'
items:
  input: [count, journal]
  output:
    each: <% task(each).result %>
  tasks:
    each:
      with-items: i in <% range($.count).toList() %>
      action: typed.borrows item=<% $.i %> journal=<% $.journal %>
"""

COUNT = 200


def test_two_hundred_actions_on_both_executors_share_a_client_each(
    workflows_of, login, journal, measured
):
    run = workflows_of(login("demo")).run(
        ITEMS, {"count": COUNT, "journal": str(journal)}, seconds=240
    )
    assert run.state == "SUCCESS", run.info
    answers = run.output["each"]
    assert [answer["place"]["item"] for answer in answers] == list(range(COUNT))
    assert {tuple(answer["projects"]) for answer in answers} == {("demo",)}
    # Each item ran once, counted from outside.
    assert len(list(journal.iterdir())) == COUNT
    nodes = Counter(answer["place"]["node"] for answer in answers)
    assert nodes.keys() == {"executor-1", "executor-2"}
    assert min(nodes.values()) >= COUNT / 4
    for node, count in sorted(nodes.items()):
        seen = [answer["cache"] for answer in answers if answer["place"]["node"] == node]
        made = {cache["misses"] for cache in seen}
        measured(f"cached client: {count} actions on {node}, {len(made)} client made, no login")
        # Told after it was made, and by the first action that needed it.
        assert len(made) == 1
        assert max(cache["hits"] for cache in seen) >= count - 1
        # The context's token comes with its catalogue.
        assert {cache["logins"] for cache in seen} == {0}
