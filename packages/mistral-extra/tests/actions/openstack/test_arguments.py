# SPDX-FileCopyrightText: The Mistral SDK authors
# SPDX-License-Identifier: Apache-2.0
import datetime

import pytest

from mistral_extra.actions.openstack import arguments
from mistral_lib import exceptions

NOON = datetime.datetime(2030, 1, 31, 12)
TRUST = ("keystone.trusts_create", "keystone", "trusts.create")


@pytest.mark.parametrize(
    "given",
    [
        "2030-01-31T12:00:00Z",
        "2030-01-31T12:00:00.000000Z",
        "2030-01-31T14:00:00+02:00",
        "2030-01-31 12:00:00",
        " 20300131T120000 ",
        NOON,
        NOON.replace(tzinfo=datetime.UTC),
    ],
)
def test_a_time_becomes_what_the_client_formats(given):
    params = {"expires_at": given, "trustee_user": "u"}
    before = dict(params)
    assert arguments.prepared(*TRUST, params) == {"expires_at": NOON, "trustee_user": "u"}
    assert params == before


def test_a_day_is_its_first_moment():
    made = arguments.prepared(*TRUST, {"expires_at": "2030-01-31"})
    assert made == {"expires_at": datetime.datetime(2030, 1, 31)}


def test_no_time_stays_none():
    assert arguments.prepared(*TRUST, {"expires_at": None}) == {"expires_at": None}


@pytest.mark.parametrize("given", ["soon", "", 1893456000, True, ["2030-01-31"]])
def test_what_is_not_a_time_is_named_with_the_form(given):
    message = r"trusts_create\]: parameter 'expires_at' is not a date and time, got .*ISO 8601"
    with pytest.raises(exceptions.InvalidInput, match=message):
        arguments.prepared(*TRUST, {"expires_at": given})


def test_a_missing_parameter_is_found_beside_any_names():
    with pytest.raises(exceptions.InvalidInput, match=r"\[name=.*, missing=\['trustee_user', "):
        arguments.check(*TRUST, {"anything": 1})


def test_a_method_that_nobody_knows_takes_anything():
    params = {"a": 1}
    arguments.check("x.y", "nova", "servers.fly", params)
    assert arguments.prepared("x.y", "nova", "servers.fly", params) is params
