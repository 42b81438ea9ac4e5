# SPDX-FileCopyrightText: The Mistral SDK authors
# SPDX-License-Identifier: Apache-2.0
"""Run actions of many identities in many threads on a real Keystone, and look who was there.

    python benchmarks/identities.py [--identities 200] [--threads 32] [--actions 10000]

Half of the identities are tokens that come without a catalogue, half are trusts. Their requests go
to the Keystone of the sandbox (``make sandbox-up``) through a proxy that remembers them. Each
identity's actions ask with a mark of its own; so a client in the wrong hands shows at the server's
side, where one token comes with the marks of two.
"""

from __future__ import annotations

import argparse
import collections
import contextlib
import gc
import json
import resource
import sys
import time
from concurrent import futures
from pathlib import Path
from typing import TYPE_CHECKING, Any, NamedTuple
from urllib.parse import parse_qs, urlsplit

import recording_proxy
import yaml
from keystoneauth1 import loading
from keystoneauth1.identity import v3
from keystoneauth1.session import Session
from keystoneclient.v3.client import Client as KeystoneClient

from mistral_extra import config, openstack
from mistral_lib import actions

if TYPE_CHECKING:
    from collections import Counter
    from collections.abc import Iterator

    from recording_proxy import Passed

__all__ = ["Outcome", "measure"]

CLOUDS = Path(__file__).parents[1] / ".sandbox" / "run" / "clouds.yaml"


class Outcome(NamedTuple):
    """What came of a run."""

    identities: int
    #: Seconds for all actions.
    seconds: float
    #: How often each identity was authenticated at Keystone: how many of them, by that number.
    logins: dict[int, int]
    #: What the cache itself counted.
    counted_logins: int
    #: Tokens that came with the marks of more than one identity, and marks with several tokens.
    strayed: int
    #: What the process grew by in the second half of the actions, in bytes.
    growth: int
    #: Sessions and clients in the end.
    sessions: int
    clients: int


class Person(NamedTuple):
    """Somebody who runs actions."""

    context: actions.ActionContext
    #: In the query of each of their requests.
    mark: str
    #: What they log in with: a token, or the id of a trust.
    credential: str


def people(many: int, clouds: dict[str, Any], url: str) -> list[Person]:
    """Return new identities of the sandbox's user ``demo``."""
    demo, trustee = (Session(v3.Password(**clouds[name]["auth"])) for name in ("demo", "mistral"))
    keystone = KeystoneClient(session=demo, interface="public")
    made = []
    for number in range(many):
        fields: dict[str, Any] = {"auth_uri": url, "project_id": demo.get_project_id()}
        if number % 2:
            credential = keystone.trusts.create(
                trustor_user=demo.get_user_id(),
                trustee_user=trustee.get_user_id(),
                project=demo.get_project_id(),
                role_names=["member"],
                impersonation=True,
            ).id
            fields |= {"is_trust_scoped": True, "trust_id": credential}
        else:
            credential = v3.Password(**clouds["demo"]["auth"]).get_token(demo)
            fields["auth_token"] = credential
        context = actions.ActionContext(actions.SecurityContext(**fields))
        made.append(Person(context, f"mark-{number}", credential))
    return made


@contextlib.contextmanager
def server_credentials(auth: dict[str, str]) -> Iterator[None]:
    """Have ``[keystone_authtoken]`` as a server has it, with the user that trusts are given to."""
    group, conf = "keystone_authtoken", config.CONF
    loading.register_auth_conf_options(conf, group)
    conf.register_opts(loading.get_auth_plugin_conf_options("password"), group)
    values = auth | {"auth_type": "password"}
    for name, value in values.items():
        conf.set_override(name, value, group)
    try:
        yield
    finally:
        for name in values:
            conf.clear_override(name, group)


def measure(clouds_file: Path, identities: int, threads: int, times: int) -> Outcome:
    """Run ``times`` actions of ``identities`` in ``threads``, and look at what Keystone saw."""
    clouds = yaml.safe_load(clouds_file.read_text(encoding="utf-8"))["clouds"]
    proxy = recording_proxy.RecordingProxy(clouds["demo"]["auth"]["auth_url"])
    openstack.clear_cache()
    before = openstack.statistics().logins
    with proxy.running() as url, server_credentials(clouds["mistral"]["auth"] | {"auth_url": url}):
        everybody = people(identities, clouds, url)
        turns = [everybody[number % identities] for number in range(times)]
        half, memory, start = times // 2, [], time.monotonic()
        with futures.ThreadPoolExecutor(threads) as pool:
            for part in (turns[:half], turns[half:]):
                collections.deque(pool.map(_act, part), maxlen=0)
                memory.append(_resident())
        seconds = time.monotonic() - start
    statistics = openstack.statistics()
    openstack.clear_cache()
    return Outcome(
        identities=identities,
        seconds=seconds,
        logins=dict(collections.Counter(_logins(proxy.passed, everybody))),
        counted_logins=statistics.logins - before,
        strayed=_strayed(proxy.passed, everybody),
        growth=memory[1] - memory[0],
        sessions=statistics.sessions,
        clients=statistics.clients,
    )


def _act(who: Person) -> None:
    # Nobody has such regions, and everybody may ask.
    found = actions.run("keystone.regions_list", {"parent_region_id": who.mark}, who.context)
    assert found == [], found


def _logins(passed: Counter[Passed], everybody: list[Person]) -> list[int]:
    """Return for each identity how often it was authenticated."""
    seen: Counter[str] = collections.Counter()
    for request, times in passed.items():
        if request.method == "POST":
            scope = json.loads(request.body)["auth"]["scope"]
            seen[scope["OS-TRUST:trust"]["id"]] += times
        elif request.subject is not None and request.subject == request.token:
            seen[request.subject] += times
    return [seen[who.credential] for who in everybody]


def _strayed(passed: Counter[Passed], everybody: list[Person]) -> int:
    """Return how many tokens served several identities, and identities had several tokens."""
    marks, tokens = collections.defaultdict(set), collections.defaultdict(set)
    for request in passed:
        for mark in parse_qs(urlsplit(request.path).query).get("parent_region_id", ()):
            marks[request.token].add(mark)
            tokens[mark].add(request.token)
    if set(tokens) != {who.mark for who in everybody}:
        raise RuntimeError("Not every identity's requests passed the proxy")
    own = {who.mark: who.credential for who in everybody if who.context.security.auth_token}
    wrong = sum(tokens[mark] != {token} for mark, token in own.items())
    return wrong + sum(len(found) > 1 for found in (*marks.values(), *tokens.values()))


def _resident() -> int:
    gc.collect()
    with open("/proc/self/statm", encoding="ascii") as file:
        return int(file.read().split()[1]) * resource.getpagesize()


def main(arguments: list[str]) -> int:
    """Measure and print; return the exit code."""
    parser = argparse.ArgumentParser(description="Run actions of many identities on a Keystone.")
    parser.add_argument("--clouds", type=Path, default=CLOUDS, help="the sandbox's clouds.yaml")
    parser.add_argument("--identities", type=int, default=200)
    parser.add_argument("--threads", type=int, default=32)
    parser.add_argument("--actions", type=int, default=10_000)
    given = parser.parse_args(arguments)
    found = measure(given.clouds, given.identities, given.threads, given.actions)
    print(f"{given.actions} actions of {found.identities} identities in {given.threads} threads:")
    print(f"    {found.seconds:.1f} s, {given.actions / found.seconds:.0f} a second")
    for times, many in sorted(found.logins.items()):
        print(f"    {many} identities were authenticated {times} times")
    print(f"    {found.strayed} tokens came with the mark of another identity")
    print(f"    {found.sessions} sessions, {found.clients} clients in the end")
    print(f"    memory in the second half: {found.growth / 1e6:+.1f} MB")
    return 0 if found.strayed == 0 and set(found.logins) == {1} else 1


if __name__ == "__main__":
    sys.exit(main(sys.argv[1:]))
