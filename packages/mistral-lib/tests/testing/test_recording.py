# SPDX-FileCopyrightText: The Mistral SDK authors
# SPDX-License-Identifier: Apache-2.0
"""What an environment records, and the stand-ins that actions under test run."""

import logging
import sys
import warnings

import pytest

from mistral_lib import actions
from mistral_lib.testing import ActionEnvironment

log = logging.getLogger("tests.recording")


@actions.action
def chatty(*, context: actions.ActionContext) -> None:
    """Say things everywhere."""
    log.debug("fine %s", "print")
    log.warning("coarse")
    context.progress("half way")
    sys.stdout.write("to standard output\n")
    sys.stderr.write("to standard error\n")


@actions.action
def double(number: int) -> int:
    """Double a number."""
    return 2 * number


@actions.action
def login(user: str, password: actions.Secret[str]) -> str:
    """Log in."""
    return f"{user} is in"


@actions.action
def boot(name: str, *, context: actions.ActionContext) -> object:
    """Boot a server, by way of other actions."""
    image = context.run("glance.images_find", name="cirros")
    return context.run("nova.servers_create", name=name, image=image)


@actions.action
def nested(number: int, *, context: actions.ActionContext) -> int:
    """Run an action that runs an action."""
    return context.run(middle, number=number) + 1


@actions.action(timeout=60)
def middle(number: int, *, context: actions.ActionContext) -> int:
    """Run an action."""
    return context.run(double, number=number)


@actions.action
def delegate(password: str, *, context: actions.ActionContext) -> object:
    """Hand a password on."""
    context.run(login, user="ann", password=password)
    context.run(login.action_class(user="bob", password="b0bs-own-word"))
    return context.run("custom.enter", who="cid", word=password)


@pytest.fixture
def env():
    with ActionEnvironment() as environment:
        yield environment


# -- log, progress, streams


def test_log_records_of_every_level_are_kept(env):
    env.run(chatty)
    assert [(r.levelname, r.getMessage()) for r in env.logs if r.name == log.name] == [
        ("DEBUG", "fine print"),
        ("WARNING", "coarse"),
    ]
    assert env.log_text == "fine print\ncoarse"
    assert env.progress == ["half way"]


def test_log_records_are_kept_even_where_logging_is_turned_off(env):
    root = logging.getLogger()
    before = (root.level, list(root.handlers))
    logging.disable(logging.CRITICAL)
    try:
        env.run(chatty)
        assert logging.root.manager.disable == logging.CRITICAL
    finally:
        logging.disable(logging.NOTSET)
    assert env.log_text == "fine print\ncoarse"
    assert (root.level, list(root.handlers)) == before


def test_records_of_a_logger_that_does_not_propagate_are_kept_once(env):
    log.propagate = False
    try:
        env.run(chatty)
    finally:
        log.propagate = True
    assert env.log_text == "fine print\ncoarse"


def test_nothing_is_recorded_between_runs(env):
    env.run(chatty)
    log.error("said by the test")
    assert "said by the test" not in env.log_text


def test_what_is_heard_is_passed_on(env, capsys, caplog):
    env.run(chatty)
    assert capsys.readouterr() == ("to standard output\n", "to standard error\n")
    assert "coarse" in caplog.text


def test_libraries_may_try_bytes_on_a_stream(env):
    @actions.action
    def probe() -> str:
        """Do as click does to tell text streams from others."""
        try:
            sys.stdout.write(b"")
        except TypeError:
            return sys.stdout.encoding
        return "binary"

    env.wire = False
    assert env.run(probe) != "binary"
    assert env.secrets_seen() == []


def test_the_process_gets_its_streams_and_warnings_back(env):
    before = (sys.stdout, sys.stderr, warnings.showwarning)
    env.run(chatty)
    assert (sys.stdout, sys.stderr, warnings.showwarning) == before


def test_warnings_of_an_action_reach_the_test():
    @actions.action
    def warn() -> None:
        """Warn."""
        warnings.warn("old ways", UserWarning, stacklevel=1)

    with pytest.warns(UserWarning, match="old ways"):
        ActionEnvironment(wire=False).run(warn)


def test_two_environments_at_once_both_hear():
    inner = ActionEnvironment(wire=False)

    @actions.action
    def outer_action() -> None:
        """Run another environment."""
        inner.run(chatty)
        log.info("last")

    outer = ActionEnvironment(wire=False)
    outer.run(outer_action)
    assert inner.log_text == "fine print\ncoarse"
    assert outer.log_text == "fine print\ncoarse\nlast"


# -- children and stand-ins


def test_children_are_recorded_with_params_and_result(env):
    env.register("glance.images_find", {"id": "i1"})
    env.register("nova.servers_create", lambda name, image: {"name": name, "image": image["id"]})
    assert env.run(boot, name="web") == {"name": "web", "image": "i1"}
    assert env.children == [
        ("glance.images_find", {"name": "cirros"}, actions.Result({"id": "i1"})),
        (
            "nova.servers_create",
            {"name": "web", "image": {"id": "i1"}},
            actions.Result({"name": "web", "image": "i1"}),
        ),
    ]


def test_the_action_under_test_is_no_child_of_its_own(env):
    env.run(double, number=1)
    assert env.children == []


def test_a_childs_children_come_before_it_deadlines_between_them_or_not(env):
    assert env.run(nested, number=3) == 7
    assert [(c.name, c.params, c.result.data) for c in env.children] == [
        ("double", {"number": 3}, 6),
        ("middle", {"number": 3}, 6),
    ]


def test_a_child_of_a_plain_call_is_recorded(env):
    assert nested(4, context=env.context) == 9
    assert [c.name for c in env.children] == ["double", "middle"]


def test_secret_parameters_of_children_are_masked(env):
    env.register("custom.enter", "in", secrets=["word"])
    env.run(delegate, password="correct-horse-battery")
    assert [c.params for c in env.children] == [
        {"user": "ann", "password": "***"},
        {"user": "bob", "password": "***"},
        {"who": "cid", "word": "***"},
    ]
    assert env.secrets_seen() == []


def test_an_unregistered_name_says_how_to_register_it(env):
    env.register("glance.images_fin", 1)
    with pytest.raises(
        actions.ActionNotFound,
        match=r"'glance.images_find': did you mean 'glance.images_fin'.*env.register\('glance",
    ):
        env.run(boot, name="web")
    assert env.children[0].result.error["type"] == "ActionNotFound"


def test_stand_in_data_is_given_out_as_a_copy(env):
    answer = {"servers": []}

    @actions.action
    def spoil(*, context: actions.ActionContext) -> object:
        """Change what another action returned."""
        context.run("nova.list")["servers"].append(1)
        return context.run("nova.list")

    env.wire = False
    env.register("nova.list", answer)
    assert env.run(spoil) == {"servers": []}
    assert answer == {"servers": []}


@pytest.mark.parametrize(
    ("answer", "message"),
    [
        (actions.ActionException("full", error_code="FULL"), "full"),
        (actions.ActionCancelled, "was cancelled"),
        (actions.Result(error="bad"), "bad"),
    ],
)
def test_a_stand_in_may_fail(env, answer, message):
    env.register("glance.images_find", answer)
    result = env.run_result(boot, name="web")
    assert message in result.error["message"]


def test_an_action_may_stand_in_and_checks_its_parameters(env):
    env.register("glance.images_find", double)
    result = env.run_result(boot, name="web")
    assert "No parameter 'name': did you mean 'number'?" in result.error["message"]


def test_stand_ins_are_listed(env):
    env.register("b", 1)
    env.register("a", 2)
    assert env.actions.names() == ["a", "b"]
    assert [d.name for d in env.actions.find_all()] == ["b", "a"]
    assert env.actions.find("a").instantiate({}, {}).run(None) == 2


def test_a_provider_of_real_actions_is_asked_after_the_stand_ins():
    real = actions.CompositeActionProvider("real", [])
    other = ActionEnvironment()
    other.register("glance.images_find", {"id": "real"})
    other.register("nova.servers_create", lambda name, image: image)
    real.add_action_provider(other.actions)
    env = ActionEnvironment(provider=real)
    env.register("nova.servers_create", lambda name, image: f"stand-in got {image['id']}")
    assert env.run(boot, name="web") == "stand-in got real"
    assert env.actions.names() == ["glance.images_find", "nova.servers_create"]
