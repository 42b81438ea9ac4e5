# SPDX-FileCopyrightText: The Mistral SDK authors
# SPDX-License-Identifier: Apache-2.0
"""Measure what an OpenStack action costs beyond its request, beside upstream's, in one run.

    python benchmarks/clients.py [--rounds N]

Nothing leaves the process: answers of Keystone, Nova and Cinder are canned below ``requests``, and
counted. So what is measured is the way to the request, and what is made on it. Times are CPU time;
the least of all rounds counts. Both sides have an environment of their own, with the same clients.
"""

from __future__ import annotations

import argparse
import json
import subprocess
import sys
from typing import TYPE_CHECKING, Any

import environments

if TYPE_CHECKING:
    from pathlib import Path

#: Answers for all hosts, then a context of either kind.
_CLOUD = r"""
import json, logging, sys, time, types, warnings
logging.disable(logging.CRITICAL); warnings.simplefilter("ignore")
import requests
from oslo_config import cfg
from keystoneauth1 import loading

services = {"compute": ("nova", "http://nova/v2.1"), "volumev3": ("cinder", "http://cinder/v3/p1"),
            "identity": ("keystone", "http://keystone/v3")}
services |= {f"other-{n}": (f"other-{n}", f"http://other-{n}") for n in range(25)}
catalog = [{"type": kind, "name": name, "id": kind, "endpoints": [
    {"id": f"{kind}-{i}", "interface": i, "region": "R", "region_id": "R", "url": url}
    for i in ("public", "internal", "admin")]} for kind, (name, url) in services.items()]
body = {"catalog": catalog, "methods": ["password"], "roles": [],
        "issued_at": "2026-01-01T00:00:00Z", "expires_at": "2099-01-01T00:00:00.000000Z",
        "user": {"id": "u1", "name": "ann", "domain": {"id": "d", "name": "D"}},
        "project": {"id": "p1", "name": "p", "domain": {"id": "d", "name": "D"}}}
v3 = {"id": "v3.14", "status": "stable", "links": [{"rel": "self", "href": "http://keystone/v3/"}]}
nova = {"id": "v2.1", "status": "CURRENT", "version": "2.96", "min_version": "2.1",
        "links": [{"rel": "self", "href": "http://nova/v2.1/"}]}
cinder = {"id": "v3.0", "status": "CURRENT", "version": "3.71", "min_version": "3.0",
          "links": [{"rel": "self", "href": "http://cinder/v3/"}]}
canned = {"http://nova/v2.1": {"version": nova}, "http://cinder": {"versions": [cinder]},
          "http://cinder/v3": {"versions": [cinder]},
          "http://nova/v2.1/servers/detail": {"servers": []},
          "http://cinder/v3/p1/volumes/detail": {"volumes": []},
          "http://keystone/v3": {"version": v3}, "http://keystone": {"versions": {"values": [v3]}},
          "http://keystone/v3/auth/tokens": {"token": body}}
canned = {url: json.dumps(answer).encode() for url, answer in canned.items()}
seen = []

def send(session, request, **kwargs):
    url = request.url.partition("?")[0].rstrip("/")
    seen.append((request.method, url))
    answer = requests.Response()
    answer.status_code, answer.url, answer.request = 200, request.url, request
    answer.headers.update({"Content-Type": "application/json", "X-Subject-Token": "renewed",
                           "OpenStack-API-Version": "compute 2.96"})
    answer._content = canned[url]
    return answer

requests.Session.send = send

def server_context(**more):
    return types.SimpleNamespace(**{
        "auth_uri": "http://keystone/v3", "auth_cacert": None, "insecure": False, "auth_token": "t",
        "service_catalog": body, "region_name": None, "is_trust_scoped": False, "trust_id": None,
        "redelivered": False, "is_target": False, "expires_at": body["expires_at"], "user_id": "u1",
        "project_id": "p1", "project_name": "p", "user_name": "ann"} | more)

def credentials():
    group, conf = "keystone_authtoken", cfg.CONF
    conf.register_opts([cfg.StrOpt("www_authenticate_uri"), cfg.StrOpt("cafile")], group)
    loading.register_auth_conf_options(conf, group)
    loading.register_session_conf_options(conf, "keystone")
    conf.register_opts(loading.get_auth_plugin_conf_options("password"), group)
    for name, value in {"auth_type": "password", "auth_url": "http://keystone/v3",
                        "www_authenticate_uri": "http://keystone/v3", "username": "mistral",
                        "password": "p", "user_domain_name": "Default"}.items():
        conf.set_override(name, value, group)

from mistral_extra import config
from mistral_extra.actions.openstack import actions
from mistral_extra.actions.openstack.utils import context as thread_context
cfg.CONF([], project="bench")
credentials()
contexts = {"token": server_context(), "trust": server_context(is_trust_scoped=True, trust_id="T")}

def action_of(service, method):
    cls = getattr(actions, service)
    return type("Bench", (cls,), {"client_method_name": method})()

def run(action, context):
    thread_context.set_ctx(context)
    return action.run(context)
"""

_COUNT = """
counts = {}
for service, method in (("NovaAction", "servers.list"), ("CinderAction", "volumes.list")):
    for kind in ("token", "trust"):
        action, found, context = action_of(service, method), [], contexts[kind]
        if kind == "trust":
            context = server_context(is_trust_scoped=True, trust_id=service)
        for _ in range(3):
            seen.clear()
            run(action, context)
            found.append(len(seen))
        counts[f"{service} {kind}"] = found
print(json.dumps(counts))
"""

_TIME = """
def least(**calls):
    # In turns, so that a busy moment of the machine strikes all of them.
    best = dict.fromkeys(calls, 1e9)
    for _ in range(20):
        for name, call in calls.items():
            call()
            start = time.process_time()
            for _ in range(20):
                call()
            best[name] = min(best[name], (time.process_time() - start) / 20)
    return best

action, context = action_of("NovaAction", "servers.list"), contexts["token"]
calls = {"action": lambda: run(action, context)}
if OURS:
    from mistral_extra import openstack
    from mistral_lib import actions as lib
    client = openstack.client("nova", context)
    given = lib.ActionContext(lib.SecurityContext(**vars(context)))
    calls |= {
        "client": lambda: client.servers.list(),
        "runner": lambda: lib.run("nova.servers_list", {}, given),
        "borrow": lambda: openstack.client("nova", context),
        "borrow_trust": lambda: openstack.client("nova", contexts["trust"]),
    }
print(json.dumps(least(**calls)))
"""

_MEMORY = """
import gc, resource
from mistral_extra import openstack

def resident():
    with open("/proc/self/statm") as file:
        return int(file.read().split()[1]) * resource.getpagesize()

def some(start, many):
    for number in range(start, start + many):
        own = json.loads(json.dumps(body))
        context = server_context(auth_token=f"t{number}", service_catalog=own)
        openstack.client("nova", context).servers.list()
        seen.clear()
    gc.collect()
    return resident()

before = some(0, 1)
full = some(1, 256)
# What goes is in cycles, so there is more of it than of what is kept until it is collected.
settled = some(257, 1024)
later = some(1281, 4096)
statistics = openstack.statistics()
print(json.dumps({"identity": (full - before) / 256, "growth": later - settled,
                  "sessions": statistics.sessions, "clients": statistics.clients}))
"""


def main(arguments: list[str]) -> int:
    """Measure and print; return the exit code."""
    parser = argparse.ArgumentParser(description="Measure OpenStack actions beyond their request.")
    parser.add_argument("--rounds", type=int, default=5, help="processes that measure a time")
    rounds = parser.parse_args(arguments).rounds
    pythons = {side: environments.with_clients(side) for side in ("upstream", "ours")}
    _print_counts({side: _run(python, _COUNT) for side, python in pythons.items()})
    for side, python in pythons.items():
        head = f"OURS = {side == 'ours'}\n"
        measured = [_run(python, head + _TIME) for _ in range(rounds)]
        _print_times(side, {n: min(one[n] for one in measured) * 1e6 for n in measured[0]})
    memory = _run(pythons["ours"], _MEMORY)
    print(
        f"\nAn identity with a client and a catalogue of 28 services takes "
        f"{memory['identity'] / 1e3:.0f} KB. 4,096 more, when {memory['sessions']} are kept: "
        f"{memory['growth'] / 1e6:+.1f} MB"
    )
    return 0


def _print_counts(counts: dict[str, dict[str, list[int]]]) -> None:
    print(f"{'HTTP requests of an action: first, second, third':52}{'upstream':>14}{'ours':>14}")
    for case in counts["ours"]:
        shown = (", ".join(map(str, counts[side][case])) for side in ("upstream", "ours"))
        print("".join((f"    {case:48}", *(f"{text:>14}" for text in shown))))


def _print_times(side: str, times: dict[str, float]) -> None:
    print(f"\nCPU of a warm nova servers.list over canned answers, {side}")
    texts = {
        "client": "the client's method alone",
        "action": "action.run",
        "runner": "mistral_lib.actions.run, by name",
        "borrow": "openstack.client() of a token",
        "borrow_trust": "openstack.client() of a trust",
    }
    for name in [name for name in texts if name in times]:
        print(f"    {texts[name]:40}{times[name]:>10.1f} µs")
    if "client" in times:
        for name in ("action", "runner"):
            over = times[name] - times["client"]
            print(f"    {texts[name] + ' over the client':40}{over:>10.1f} µs")


def _run(python: Path, code: str) -> Any:
    done = subprocess.run(
        [python, "-c", _CLOUD + code],
        env=environments.clean_environment(),
        stdout=subprocess.PIPE,
        check=True,
    )
    return json.loads(done.stdout)


if __name__ == "__main__":
    sys.exit(main(sys.argv[1:]))
