# SPDX-FileCopyrightText: The Mistral SDK authors
# SPDX-License-Identifier: Apache-2.0
from importlib import metadata

import pytest

import mistral_extra
from mistral_extra import version


def test_version_is_that_of_the_installed_distribution():
    assert mistral_extra.__version__ == metadata.version("mistral-extra")


def test_unknown_attribute_is_named_with_its_module():
    with pytest.raises(AttributeError, match="'mistral_extra' has no attribute 'versoin'"):
        _ = mistral_extra.versoin


def test_upstream_s_names_are_there():
    expected = metadata.version("mistral-extra")
    assert version.version_string == expected
    assert version.version_info.version_string() == expected
    assert version.version_info.release_string() == expected
    assert str(version.version_info) == expected


def test_what_marks_a_build_is_no_part_of_the_version(monkeypatch):
    monkeypatch.setattr(metadata, "version", lambda package: "18.0.0.dev3+g1234")
    assert version.version_info.version_string() == "18.0.0"
    assert version.version_info.release_string() == "18.0.0.dev3+g1234"
