# SPDX-FileCopyrightText: The Mistral SDK authors
# SPDX-License-Identifier: Apache-2.0
"""No password of a client comes into the catalogue without a word of ours."""

import json

import pytest

from mistral_extra.actions.openstack import secret_names
from tools.catalogue import files, secrets


def parameters():
    for path in files.CATALOGUE.glob("*.json"):
        for method, entry in json.loads(path.read_text("utf-8"))["methods"].items():
            for parameter in (*entry.get("params", ()), *entry.get("keywords", ())):
                yield path.stem, method, parameter


def test_every_parameter_that_sounds_like_a_secret_was_looked_at():
    marked = {
        (service, method, parameter["name"]): parameter.get("secret", False)
        for service, method, parameter in parameters()
        if ":" not in method
    }
    assert len(marked) > 4000
    assert {key: secrets.is_secret(*key) for key in marked} == marked
    assert marked["keystone", "users.create", "password"]
    assert not marked["keystone", "policies.create", "blob"]


def test_one_that_nobody_looked_at_is_a_defect():
    with pytest.raises(LookupError, match="is its parameter 'sudo_password' a secret"):
        secrets.is_secret("nova", "servers.create", "sudo_password")
    assert secrets.is_secret("any", "method", "adminPass")


def test_names_that_are_secret_anywhere_are_no_common_words():
    assert secret_names.ANYWHERE.isdisjoint({"name", "id", "key", "data", "user", "payload"})
