# SPDX-FileCopyrightText: The Mistral SDK authors
# SPDX-License-Identifier: Apache-2.0
"""Each release note is one that reno can read: known sections, no surprises at release time."""

import pytest
import yaml

SECTIONS = {
    "prelude",
    "features",
    "issues",
    "upgrade",
    "deprecations",
    "critical",
    "security",
    "fixes",
    "other",
}


@pytest.fixture(scope="module")
def notes(root, files):
    paths = [path for path in files if path.parent.parts[-2:] == ("releasenotes", "notes")]
    return {path: yaml.safe_load((root / path).read_text(encoding="utf-8")) for path in paths}


@pytest.mark.parametrize("package", ["mistral-lib", "mistral-extra"])
def test_package_has_release_notes(notes, package):
    assert [path for path in notes if path.parts[1] == package]


def test_note_has_only_sections_that_reno_knows(notes):
    unknown = {str(path): set(note) - SECTIONS for path, note in notes.items()}
    assert {path: sections for path, sections in unknown.items() if sections} == {}


def test_prelude_is_text_and_every_other_section_a_list_of_texts(notes):
    for path, note in notes.items():
        for section, content in note.items():
            entries = [content] if section == "prelude" else content
            assert all(isinstance(entry, str) for entry in entries), f"{path}: {section}"


def test_file_name_ends_in_the_unique_part_that_reno_adds(notes):
    odd = [
        str(path)
        for path in notes
        if path.suffix != ".yaml" or len(path.stem.rpartition("-")[2]) != 16
    ]
    assert odd == []
