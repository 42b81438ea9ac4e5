# SPDX-FileCopyrightText: The Mistral SDK authors
# SPDX-License-Identifier: Apache-2.0
"""What the tests of all actions that open connections need: names, certificates, options."""

import socket
import time

import pytest
import trustme

from mistral_extra import config


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
