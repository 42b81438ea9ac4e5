# SPDX-FileCopyrightText: The Mistral SDK authors
# SPDX-License-Identifier: Apache-2.0
"""What it costs an API and an executor to know all actions, with ours and with upstream's."""

import time

#: That upstream has, all of which ours has too.
UPSTREAMS = 1200


def listings(server):
    """Return the seconds of the first listing and of the next, and the names that it has."""
    seconds = []
    for _ in range(2):
        begin = time.perf_counter()
        actions = server.api().get("actions")["actions"]
        seconds.append(time.perf_counter() - begin)
    return (*seconds, {action["name"] for action in actions})


def test_the_first_listing_and_the_executors_are_lighter_than_upstreams(both_clusters, measured):
    found = {}
    for libraries, server in both_clusters.items():
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
    assert ours[0] < upstream[0]
    assert ours[1] < upstream[1]
    assert ours[2] < upstream[2]
