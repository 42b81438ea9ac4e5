# SPDX-FileCopyrightText: The Mistral SDK authors
# SPDX-License-Identifier: Apache-2.0
"""What every file says of itself, and what none may say."""

import re

HEADER = (
    "# SPDX-FileCopyrightText: The Mistral SDK authors\n# SPDX-License-Identifier: Apache-2.0\n"
)

# Each written so that this file doesn't match itself.
FORBIDDEN = {
    "a path of somebody's machine": re.compile(
        r"(?<![\w.~-])/(?:home|Users)/\w|(?<![\w.~-])/(?:roo[t]|wor[k]|tmp/[w])/"
    ),
    "the host of a package registry": re.compile(
        r"pypi[.]org|pythonhosted[.]org|npmjs[.]|deb[.]debian|proxy[.]golang"
    ),
    "where packages come from, which is each machine's own setting": re.compile(
        r"--(?:extra-)?inde[x]-url|--find-link[s]|--defaul[t]-index"
    ),
}


def findings(text):
    return [what for what, pattern in FORBIDDEN.items() if pattern.search(text)]


def test_every_python_file_begins_with_the_licence_header(root, modules):
    bare = [
        str(path)
        for path in modules
        if not (root / path).read_text(encoding="utf-8").startswith(HEADER)
    ]
    assert bare == []


def test_no_file_names_a_machine_or_a_registry(root, files):
    found = {}
    for path in files:
        try:
            text = (root / path).read_text(encoding="utf-8")
        except UnicodeDecodeError:
            continue  # no text
        if what := findings(text):
            found[str(path)] = what
    assert found == {}


def test_machine_paths_and_registries_are_recognized():
    assert findings("open('/home" + "/ada/x')") == ["a path of somebody's machine"]
    assert findings("https://pypi" + ".org/simple") == ["the host of a package registry"]
    assert findings("pip install --index" + "-url x") == [
        "where packages come from, which is each machine's own setting"
    ]
    assert findings("the home/work balance of examples/work/flow.yaml") == []


def test_each_package_carries_the_licence_of_the_repository(root):
    licence = (root / "LICENSE").read_bytes()
    for package in ("mistral-lib", "mistral-extra"):
        assert (root / "packages" / package / "LICENSE").read_bytes() == licence
