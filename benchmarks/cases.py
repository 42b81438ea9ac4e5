# SPDX-FileCopyrightText: The Mistral SDK authors
# SPDX-License-Identifier: Apache-2.0
"""The cases, as either interpreter runs them: ``python cases.py NAME SECONDS``.

Each prints a JSON object: CPU seconds of one call by metric, and under ``digest`` what came out
where both sides must get the same. The same code runs on both sides, over whichever ``mistral_lib``
the interpreter has.
"""

from __future__ import annotations

import json
import sys
import time
from typing import TYPE_CHECKING, Any

import payloads

if TYPE_CHECKING:
    from collections.abc import Callable

    Measured = dict[str, Any]

#: Seconds that a batch of calls takes at least: the clock's own grain must not matter.
BATCH = 0.005
CASES: dict[str, Callable[[], Measured]] = {}


def case(function: Callable[[], Measured]) -> Callable[[], Measured]:
    CASES[function.__name__] = function
    return function


def cpu(work: Callable[[], Any]) -> float:
    """Return the CPU seconds of one call: the best of as many batches as there is time for.

    The best, since nothing makes a call faster than it is, and much makes it slower.
    """
    calls, best, spent = 1, float("inf"), 0.0
    while spent < budget or best == float("inf"):
        start = time.process_time()
        for _ in range(calls):
            work()
        seconds = time.process_time() - start
        spent += seconds
        if seconds < BATCH:
            calls *= 2
        else:
            best = min(best, seconds / calls)
    return best


@case
def action() -> Measured:
    """An action of twelve parameters, to its wire form and back."""
    import samples

    return _there_and_back(samples.CreateServer(**samples.PARAMETERS), vars)


@case
def typed_action() -> Measured:
    """The same as a typed function; ours only."""
    import samples
    import typed_samples

    return _there_and_back(typed_samples.create_server.action_class(**samples.PARAMETERS), vars)


@case
def context() -> Measured:
    """A context with the catalogue of a big cloud, to its wire form and back."""
    from mistral_lib import serialization
    from mistral_lib.actions import context as contexts

    serializer = serialization.get_polymorphic_serializer()
    if contexts.ActionContext.get_serialization_key() not in serializer.serializers:
        # Upstream leaves this to the server.
        serializer.register(contexts.ActionContext, contexts.ActionContextSerializer())
    entity = contexts.ActionContext(
        contexts.SecurityContext(
            auth_uri="https://identity.cloud.example/v3",
            service_catalog=payloads.token_body(),
            project_id=payloads.hex_id("project"),
            auth_token=payloads.hex_id("token") * 6,
        ),
        contexts.ExecutionContext(
            workflow_execution_id=payloads.uuid("workflow"),
            task_execution_id=payloads.uuid("task"),
            action_execution_id=payloads.uuid("action"),
            workflow_name="resize_all",
        ),
    )
    return _there_and_back(entity, lambda e: e.security.service_catalog)


def _there_and_back(entity: Any, content: Callable[[Any], Any]) -> Measured:
    from mistral_lib import serialization

    serializer = serialization.get_polymorphic_serializer()

    def round_trip() -> Any:
        return serializer.deserialize(serializer.serialize(entity))

    found = content(round_trip())
    assert found == content(entity), "lost on the way"
    return {"round_trip": cpu(round_trip), "digest": payloads.digest(found)}


@case
def result_records() -> Measured:
    """A result of 1 MB of records."""
    return _result(payloads.records())


@case
def result_logs() -> Measured:
    """A result of 1 MB in a few long strings."""
    return _result(payloads.logs())


@case
def result_notes() -> Measured:
    """A result of 1 MB of text in many alphabets."""
    return _result(payloads.notes())


def _result(data: Any) -> Measured:
    from mistral_lib import actions, serialization, utils

    serializer = serialization.get_polymorphic_serializer()
    result = actions.Result(data)
    written = json.loads(serializer.serialize(result))
    return {
        "serialize": cpu(lambda: serializer.serialize(result)),
        "to_json_str": cpu(lambda: utils.to_json_str(data)),
        "round_trip": cpu(lambda: serializer.deserialize(serializer.serialize(result))),
        "digest": payloads.digest(
            [json.loads(written["__serial_data"]), json.loads(utils.to_json_str(data))]
        ),
    }


@case
def mask_nothing() -> Measured:
    """1 MB of records, none with a secret."""
    return _mask(payloads.records(), secrets=False)


@case
def mask_records() -> Measured:
    """1 MB of records, a tenth of them with a secret."""
    return _mask(payloads.records_with_secrets())


@case
def mask_logs() -> Measured:
    """1 MB of a command's output, with a few secrets in it."""
    return _mask(payloads.logs_with_secrets())


def _mask(data: Any, secrets: bool = True) -> Measured:
    from mistral_lib import utils

    masked = utils.mask_data(data)
    assert (masked != data) is secrets
    return {"mask_data": cpu(lambda: utils.mask_data(data)), "digest": payloads.digest(masked)}


@case
def descriptor() -> Measured:
    """Describing an action class, checking parameters, making an instance."""
    import samples

    return _descriptor(samples.CreateServer)


@case
def typed_descriptor() -> Measured:
    """The same for a typed function; ours only."""
    import typed_samples

    return _descriptor(typed_samples.create_server)


def _descriptor(described: Any) -> Measured:
    import samples

    from mistral_lib import actions

    made = actions.PythonActionDescriptor("bench.create_server", described)
    made.check_parameters(samples.PARAMETERS)
    return {
        "construct": cpu(lambda: actions.PythonActionDescriptor("bench.create_server", described)),
        "check": cpu(lambda: made.check_parameters(samples.PARAMETERS)),
        "instantiate": cpu(lambda: made.instantiate(dict(samples.PARAMETERS), {})),
        "digest": payloads.digest(made.params_spec),
    }


@case
def runner() -> Measured:
    """Typed functions through the runner's whole path; ours only."""
    import samples
    import typed_samples

    from mistral_lib import actions

    run = actions.Runner().run
    over_wire = actions.Runner(wire=True).run
    anonymous = actions.ActionContext()
    known = actions.ActionContext(actions.SecurityContext(auth_token=payloads.hex_id("token") * 6))
    trivial, realistic = typed_samples.add, typed_samples.create_server
    assert run(trivial, {"a": 2}, anonymous).data == 3
    assert over_wire(realistic, samples.PARAMETERS, known).is_success()
    return {
        "trivial": cpu(lambda: run(trivial, {"a": 2}, anonymous)),
        "realistic": cpu(lambda: run(realistic, samples.PARAMETERS, anonymous)),
        "with_token": cpu(lambda: run(realistic, samples.PARAMETERS, known)),
        "over_wire": cpu(lambda: over_wire(realistic, samples.PARAMETERS, anonymous)),
    }


@case
def versions() -> Measured:
    """Which library this is, and over what."""
    from importlib import metadata

    return {
        dist.metadata["Name"]: dist.version
        for dist in metadata.distributions()
        if dist.metadata["Name"].startswith(("mistral", "oslo", "msgspec", "stevedore"))
    }


if __name__ == "__main__":
    budget = float(sys.argv[2])
    print(json.dumps(CASES[sys.argv[1]]()))
