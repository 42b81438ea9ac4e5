# SPDX-FileCopyrightText: The Mistral SDK authors
# SPDX-License-Identifier: Apache-2.0
"""What the libraries cost a server: listing, memory, and time, ours beside upstream's.

Two clusters stand side by side on one machine; one works while the other is idle.
"""

import statistics
import time

import pytest

from tools.mistral.deployment import Plan
from tools.mistral.starting import bring_up
from tools.supervision import folder

#: That upstream has, all of which ours has too.
UPSTREAMS = 1200

ROUNDS = 3
#: Workflows started together, and the tasks of each one after another.
WORKFLOWS, TASKS = 20, 4
ITEMS = 100

CHAIN = "version: '2.0'\nchain:\n  tasks:\n" + "".join(
    f"    t{number}:\n      action: classic.where item={number}\n"
    + (f"      on-success: t{number + 1}\n" if number + 1 < TASKS else "")
    for number in range(TASKS)
)

ITEMS_AT_ONCE = f"""
version: '2.0'
items:
  tasks:
    each:
      with-items: i in <% range({ITEMS}).toList() %>
      action: classic.where item=<% $.i %>
"""

WITH_LIBRARIES = ("api", "engine", "executor-1", "executor-2")
PARTS = (*WITH_LIBRARIES, "postgres", "rabbitmq")


@pytest.fixture(scope="module")
def clusters(cluster):
    """Both clusters, by whose libraries they have."""
    plan = Plan(cluster=True, libraries={"*": "upstream"})
    upstreams = bring_up(plan, folder.HOME / "test-upstream")
    yield {"upstream": upstreams, "ours": cluster}
    upstreams.take_down()


def listings(server):
    """Return the seconds of the first listing and of the next, and the names that it has."""
    seconds = []
    for _ in range(2):
        begin = time.perf_counter()
        actions = server.api().get("actions")["actions"]
        seconds.append(time.perf_counter() - begin)
    return (*seconds, {action["name"] for action in actions})


def test_the_first_listing_and_the_executors_are_lighter_than_upstreams(clusters, measured):
    found = {}
    for libraries, server in clusters.items():
        # Restarted, so that nothing has been loaded by what went before.
        for part in ("api", "executor-1"):
            server.stop(part)
            server.start(part)
        first, second, names = listings(server)
        start, memory = server.cpu("executor-1"), server.memory("executor-1")
        found[libraries] = (first, memory, start, names)
        measured(
            f"listing, {libraries}: {len(names)} actions, first {first:.2f} s, then {second:.2f} s"
        )
        measured(f"executor, {libraries}: {start:.1f} s of processor to start, {memory >> 20} MiB")
    ours, upstream = found["ours"], found["upstream"]
    # It lists more, and all that upstream's does.
    assert len(upstream[3]) > UPSTREAMS
    assert upstream[3] <= ours[3]
    assert ours[1] < upstream[1]
    assert ours[2] < upstream[2]


@pytest.fixture(scope="module")
def warm(clusters, workflows_on):
    """The workflows of each, after they ran once."""
    made = {libraries: workflows_on(server) for libraries, server in clusters.items()}
    for workflows in made.values():
        for text in (CHAIN, ITEMS_AT_ONCE):
            assert workflows.run(text).state == "SUCCESS"
    return made


def chains(workflows):
    """Return how many actions a second are run by workflows that run side by side."""
    begin = time.perf_counter()
    started = [workflows.api.execute("chain") for _ in range(WORKFLOWS)]
    ended = [workflows.api.wait(execution, 120)["state"] for execution in started]
    assert ended == ["SUCCESS"] * WORKFLOWS
    return WORKFLOWS * TASKS / (time.perf_counter() - begin)


def items(workflows):
    """Return how many a second are run by one task with many items."""
    begin = time.perf_counter()
    execution = workflows.api.execute("items")
    assert workflows.api.wait(execution, 120)["state"] == "SUCCESS"
    return ITEMS / (time.perf_counter() - begin)


def processor_time(workflows):
    return {part: workflows.server.cpu(part) for part in PARTS}


def test_ours_is_as_quick_as_upstreams(warm, measured):
    rates = {name: {"chains": [], "items": []} for name in warm}
    spent = {name: dict.fromkeys(PARTS, 0.0) for name in warm}
    for _ in range(ROUNDS):
        for name, workflows in warm.items():
            before = processor_time(workflows)
            rates[name]["chains"].append(chains(workflows))
            rates[name]["items"].append(items(workflows))
            for part, seconds in processor_time(workflows).items():
                spent[name][part] += seconds - before[part]
    medians = {
        name: {kind: statistics.median(values) for kind, values in kinds.items()}
        for name, kinds in rates.items()
    }
    actions = ROUNDS * (WORKFLOWS * TASKS + ITEMS)
    for name, kinds in medians.items():
        memory = warm[name].server.memory("executor-1") / (1 << 20)
        where = ", ".join(
            f"{part} {seconds / actions * 1000:.0f}" for part, seconds in spent[name].items()
        )
        measured(
            f"throughput, {name}: {kinds['chains'] / TASKS:.1f} workflows/s of {TASKS} tasks, "
            f"{kinds['chains']:.1f} actions/s in chains, {kinds['items']:.1f} in with-items; "
            f"ms of processor an action: {where}; an executor has {memory:.0f} MiB"
        )
    ratio = {kind: medians["ours"][kind] / medians["upstream"][kind] for kind in rates["ours"]}
    measured(f"throughput, ours/upstream: {ratio['chains']:.2f} chains, {ratio['items']:.2f} items")
    # The clock is the machine's as well as the server's, and no part of the promise: what the
    # libraries change shows in the processor time of the parts that have them.
    used = {name: sum(spent[name][part] for part in WITH_LIBRARIES) for name in spent}
    assert used["ours"] < used["upstream"] * 1.1
