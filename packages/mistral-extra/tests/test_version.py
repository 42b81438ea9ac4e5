# SPDX-FileCopyrightText: The Mistral SDK authors
# SPDX-License-Identifier: Apache-2.0
from importlib import metadata

import pytest

import mistral_extra


def test_version_is_that_of_the_installed_distribution():
    assert mistral_extra.__version__ == metadata.version("mistral-extra")


def test_unknown_attribute_is_named_with_its_module():
    with pytest.raises(AttributeError, match="'mistral_extra' has no attribute 'versoin'"):
        _ = mistral_extra.versoin
