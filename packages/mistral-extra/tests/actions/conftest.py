# SPDX-FileCopyrightText: The Mistral SDK authors
# SPDX-License-Identifier: Apache-2.0
"""What the tests of generic actions share: names, certificates, options, pages of documentation."""

import re
import socket
import textwrap
import time
from pathlib import Path

import pytest
import trustme
import yaml

from mistral_extra import config
from mistral_lib import actions


class Resolver:
    """Stands for the DNS: knows the names that a test gives it, and addresses."""

    def __init__(self, look_up):
        self._look_up = look_up
        self._answers = {}
        #: The names that were asked for.
        self.asked = []

    def answer(self, name, *answers):
        """Have a name resolve to a list of addresses; given several, to one after the other."""
        self._answers[name] = list(answers)

    def getaddrinfo(self, host, *args, **kwargs):
        kwargs["flags"] = socket.AI_NUMERICHOST
        answers = self._answers.get(host)
        if answers is None:
            return self._look_up(host, *args, **kwargs)
        self.asked.append(host)
        addresses = answers.pop(0) if len(answers) > 1 else answers[0]
        return [info for each in addresses for info in self._look_up(each, *args, **kwargs)]


@pytest.fixture
def resolver(monkeypatch):
    """The DNS of this test."""
    made = Resolver(socket.getaddrinfo)
    monkeypatch.setattr(socket, "getaddrinfo", made.getaddrinfo)
    return made


@pytest.fixture
def configure():
    """A function that sets an option for the length of a test."""
    done = []

    def configure(group, option, value):
        config.CONF.set_override(option, value, group=group)
        done.append((option, group))

    yield configure
    for option, group in done:
        config.CONF.clear_override(option, group=group)


@pytest.fixture
def elapsed():
    """A function that returns the seconds since the test began."""
    start = time.monotonic()
    return lambda: time.monotonic() - start


@pytest.fixture(scope="session")
def authority():
    """A certificate authority."""
    return trustme.CA()


@pytest.fixture(scope="session")
def authority_pem(authority):
    """Its certificate, as a workflow gives it."""
    return authority.cert_pem.bytes().decode()


@pytest.fixture
def free_port():
    """A port of this host that nobody listens at."""
    with socket.socket() as kept:
        kept.bind(("127.0.0.1", 0))
        yield kept.getsockname()[1]


# -- the workflows on the documentation's pages

DOCS = Path(__file__).parents[4] / "docs"
_YAML = re.compile(r"^\.\. code-block:: yaml\n\n((?:   .*\n|\n)+)", re.MULTILINE)
_EXPRESSION = re.compile(r"<% *(.*?) *%>")
_PATH = re.compile(r"(\$|env\(\)|task\((\w*)\))((?:\.\w+)*)")


class Page:
    """One page, and what its workflows do when they are played without a server."""

    def __init__(self, name):
        self.text = (DOCS / name).read_text(encoding="utf-8")
        #: Its pieces of workflows, read.
        self.blocks = [_read(textwrap.dedent(text)) for text in _YAML.findall(self.text)]

    def play(self, name, inputs, environment, delivered=None):
        """Run the tasks of a workflow one after the other, and return its output.

        Expressions are evaluated as far as the pages need it: paths into the workflow's data, its
        environment, and the results of tasks.

        :param delivered: results that somebody else delivers later, by the names of tasks.
        """
        workflow = next(block[name] for block in self.blocks if name in block)
        told = {}
        for each in workflow["input"]:
            told |= each if isinstance(each, dict) else {}
        data, results = told | inputs, {}
        assert {key for each in workflow["input"] for key in _names(each)} == set(data)
        following = {task.get("on-success") for task in workflow["tasks"].values()}
        (task,) = workflow["tasks"].keys() - following
        while task:
            definition = workflow["tasks"][task]
            known = {"$": data, "env()": environment, "task()": results.get(task)}
            answer = actions.run(definition["action"], _evaluated(definition["input"], known))
            results[task] = answer = (delivered or {}).get(task, answer)
            known |= {"task()": {"result": answer}}
            data |= _evaluated(definition.get("publish", {}), known)
            task = definition.get("on-success")
        known = {"$": data, **{f"task({name})": {"result": r} for name, r in results.items()}}
        return _evaluated(workflow["output"], known)


def _read(text):
    # A server takes no aliases.
    assert not any(isinstance(event, yaml.AliasEvent) for event in yaml.parse(text))
    return yaml.safe_load(text)


def _names(declared):
    return declared if isinstance(declared, dict) else [declared]


def _evaluated(value, known):
    if isinstance(value, dict):
        return {key: _evaluated(inner, known) for key, inner in value.items()}
    if isinstance(value, list):
        return [_evaluated(inner, known) for inner in value]
    if not isinstance(value, str):
        return value
    whole = _EXPRESSION.fullmatch(value)
    if whole:
        return _looked_up(whole[1], known)
    return _EXPRESSION.sub(lambda found: str(_looked_up(found[1], known)), value)


def _looked_up(expression, known):
    path = _PATH.fullmatch(expression)
    assert path, f"this test can't evaluate {expression}"
    found = known[path[1]]
    for key in path[3].split(".")[1:]:
        found = found[key]
    return found


@pytest.fixture
def page():
    """A function that returns a page of the documentation by its path."""
    return Page


@pytest.fixture
def undocumented():
    """A function that returns the codes of errors, in modules, that a page does not list."""

    def undocumented(page, *modules):
        errors = [getattr(module, name) for module in modules for name in module.__all__]
        codes = {getattr(error, "error_code", None) for error in errors} - {None}
        assert len(codes) > 3
        # Several may share a row.
        rows = " ".join(re.findall(r"^   \* - (``[A-Z_`, ]+``)$", page.text, re.MULTILINE))
        return [code for code in codes if f"``{code}``" not in rows]

    return undocumented
