# SPDX-FileCopyrightText: The Mistral SDK authors
# SPDX-License-Identifier: Apache-2.0
import json
import sys
from pathlib import Path

import pytest

from mistral_extra.actions.openstack import provider

# The tools aren't installed anywhere.
sys.path.append(str(Path(__file__).parents[2]))


@pytest.fixture(scope="session")
def upstream():
    """Name of each action of mistral-extra 17.0.0 -> client method, parameters without region."""
    return json.loads((Path(__file__).parent / "upstream.json").read_text(encoding="utf-8"))


@pytest.fixture(scope="session")
def descriptors():
    """The descriptors of all actions, by name."""
    found = {d.name: d for d in provider.OpenStackActionProvider().find_all()}
    assert len(found) > 2000
    return found
