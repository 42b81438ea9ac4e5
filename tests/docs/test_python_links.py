# SPDX-FileCopyrightText: The Mistral SDK authors
# SPDX-License-Identifier: Apache-2.0
"""A name of the standard library leads to its place in Python's documentation."""

import pytest

from tools.documentation import python_url

LIBRARY = "https://docs.python.org/3/library"


@pytest.mark.parametrize(
    ("name", "address"),
    [
        ("datetime.timedelta", f"{LIBRARY}/datetime.html#datetime.timedelta"),
        ("logging", f"{LIBRARY}/logging.html#module-logging"),
        ("collections.abc.Mapping", f"{LIBRARY}/collections.abc.html#collections.abc.Mapping"),
        ("ValueError", f"{LIBRARY}/exceptions.html#ValueError"),
        ("str", f"{LIBRARY}/stdtypes.html#str"),
        ("int", f"{LIBRARY}/functions.html#int"),
        ("None", f"{LIBRARY}/constants.html#None"),
    ],
)
def test_a_name_of_python_leads_to_its_anchor(name, address):
    assert python_url(name) == address


@pytest.mark.parametrize("name", ["mistral_lib.actions.Action", "click.Option", "Client"])
def test_other_names_lead_nowhere(name):
    assert python_url(name) is None
