# SPDX-FileCopyrightText: The Mistral SDK authors
# SPDX-License-Identifier: Apache-2.0
"""OpenStack actions on a real Keystone, brought up on loopback: what ``make run`` ends with.

Shows what the first call of an identity costs, and what every later one does. It takes the tools,
which aren't installed anywhere: run it from the top by ``python -m examples.openstack_demo``.
"""

import json
import os
import sys
from pathlib import Path
from typing import Any

import requests
from mistral_extra import openstack
from mistral_extra.actions.openstack import os_cloud
from mistral_lib import actions
from tools.sandbox import starting

ROOT = Path(__file__).resolve().parents[1]
#: Relative to the top; git ignores it.
SANDBOX = Path("build/demo-cloud")
COLUMNS = ("action", "HTTP requests", "the answer, cut")


class Requests:
    """The HTTP requests of this process, as they are sent."""

    def __init__(self) -> None:
        self.urls: list[str] = []
        send = requests.Session.send

        def recording(session: Any, request: Any, **kwargs: Any) -> Any:
            self.urls.append(f"{request.method} {request.url}")
            return send(session, request, **kwargs)

        requests.Session.send = recording  # type: ignore[method-assign]


def main() -> None:
    """Bring Keystone up, log in once, and run actions."""
    os.chdir(ROOT)
    print("\nOpenStack actions on a real Keystone\n------------------------------------")
    sandbox = starting.bring_up(["keystone"], SANDBOX, say=lambda text: print(f"... {text}"))
    try:
        show(str(sandbox.clouds_file), [*sandbox.passwords.values()])
    finally:
        sandbox.release()


def show(clouds_file: str, secrets: list[str]) -> None:
    """Run actions as the user ``demo`` of a ``clouds.yaml``, and count their requests."""
    os.environ["OS_CLIENT_CONFIG_FILE"] = clouds_file
    seen = Requests()
    context = os_cloud.log_in("demo")
    print(f"logged in as {context.security.user_name}: {len(seen.urls)} requests; now the actions:")
    me = context.security.service_catalog["user"]["id"]
    rows = [COLUMNS]
    for name, params in (
        ("keystone.users_get", {"user": me}),
        ("keystone.users_get", {"user": me}),
        ("keystone.projects_list", {"user": me}),
    ):
        before = len(seen.urls)
        answer = json.dumps(actions.run(name, params, context))
        if any(secret in answer for secret in secrets):
            sys.exit(f"{name} shows a password")
        rows.append((name, str(len(seen.urls) - before), f"{answer[:50]}..."))
    for row in rows:
        print(f"{row[0]:<24}{row[1]:>13}  {row[2]}")
    counted = openstack.statistics()
    print(f"the cache: {counted.hits} hits, {counted.misses} misses, {counted.clients} client")


if __name__ == "__main__":
    main()
