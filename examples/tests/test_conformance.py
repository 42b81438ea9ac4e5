# SPDX-FileCopyrightText: The Mistral SDK authors
# SPDX-License-Identifier: Apache-2.0
"""Every action of the plug-in is what a workflow author, and a server, may expect of it."""

from importlib.metadata import distribution

import pytest
from mistral_lib import actions, testing

from file_actions import checksums, errors, manifests, signatures

KEY = "correct-horse-battery-staple"
PLUGIN = distribution("file-actions").entry_points.select(group="mistral.actions")


@pytest.fixture
def examples(folder, tmp_path):
    """What to try each action with, by name."""
    context = actions.ActionContext()
    readme, gone = str(folder / "docs" / "index.rst"), str(tmp_path / "gone")
    digest = checksums.checksum(readme, context=context).digest
    signed = signatures.sign(readme, KEY, context=context).signature
    manifest = str(tmp_path / "MANIFEST")
    manifests.manifest(str(folder), manifest, context=context)
    whole, nowhere = {"folder": str(folder)}, {"folder": gone}
    return {
        "files.check_signature": [
            {"path": readme, "signature": signed, "key": KEY},
            ({"path": readme, "signature": digest, "key": KEY}, signatures.BadSignature),
        ],
        "files.checksum": [
            (
                {"path": readme},
                {"path": readme, "algorithm": "sha256", "digest": digest, "size": 19},
            ),
            ({"path": gone}, errors.FileMissing),
        ],
        "files.count_lines": [whole, {**whole, "at_once": 1}, (nowhere, errors.FileMissing)],
        "files.manifest": [{**whole, "target": str(tmp_path / "TARGET")}],
        "files.report": [{**whole, "pattern": "*.py"}],
        "files.sign": [({"path": readme, "key": KEY}, {"path": readme, "signature": signed})],
        "files.sizes": [whole, (nowhere, errors.FileMissing)],
        "files.verify": [({**whole, "manifest": manifest}, {"manifest": manifest, "files": 3})],
    }


@pytest.mark.parametrize("name", sorted(PLUGIN.names))
def test_an_action_conforms(name, examples):
    def environment():
        return testing.ActionEnvironment(provider=actions.EntryPointActionProvider())

    testing.check_action(name, examples[name], environment=environment)


def test_functions_are_declared_under_the_names_they_are_announced_by():
    for entry_point in PLUGIN:
        descriptor = actions.EntryPointActionProvider().find(entry_point.name)
        declaration = descriptor.declaration
        assert declaration is None or declaration.name == entry_point.name
