# SPDX-FileCopyrightText: The Mistral SDK authors
# SPDX-License-Identifier: Apache-2.0
"""No lock of the clients' caches stays held in a process forked while another thread held it."""

import os
import subprocess
import sys

import pytest

#: Every lock there is, held by another thread when the process is forked.
FORKING = """
import os, signal, threading
from mistral_extra.actions.openstack import client_cache
from mistral_extra.actions.openstack.cloud import Cloud
from mistral_extra.actions.openstack.single_flight import Made

cache = client_cache.default
cloud = cache._clouds["there"] = Cloud()
locks = [cache._lock, cloud.discovered._lock, cache._logins._lock, cache._authenticated._lock]
locks += [tally._lock for tally in (*cache._clients, *cache._logins.tallies)]
held, go_on = threading.Event(), threading.Event()

def hold():
    for lock in locks:
        lock.acquire()
    held.set()
    go_on.wait(60)

thread = threading.Thread(target=hold, daemon=True)
thread.start()
assert held.wait(60)
pid = os.fork()
if pid == 0:
    signal.alarm(30)
    cloud.discovered["http://cloud/"] = object()
    cache.statistics()
    cache._logins.get("key", lambda: Made("value"))
    cache.clear()
    os._exit(0)
status = os.waitpid(pid, 0)[1]
go_on.set()
print(status)
"""


@pytest.mark.slow
@pytest.mark.skipif(not hasattr(os, "fork"), reason="this system does not fork")
def test_the_caches_go_on_in_a_forked_process():
    done = subprocess.run(
        [sys.executable, "-W", "ignore", "-c", FORKING],
        capture_output=True,
        text=True,
        timeout=120,
        check=True,
    )
    assert done.stdout.split() == ["0"], done.stderr
