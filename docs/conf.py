# SPDX-FileCopyrightText: The Mistral SDK authors
# SPDX-License-Identifier: Apache-2.0
"""Settings of Sphinx. `make docs` builds with warnings as errors."""

import sys
from pathlib import Path

import tomllib

_ROOT = Path(__file__).parents[1]
_PACKAGES = _ROOT / "packages"
# The tools aren't installed anywhere.
sys.path.append(str(_ROOT))

project = "Mistral SDK"
author = "The Mistral SDK authors"
copyright = "The Mistral SDK authors, Apache-2.0"
# From the manifest, so that the page is right for a checkout that is not installed.
release = tomllib.loads((_PACKAGES / "mistral-lib" / "pyproject.toml").read_text("utf-8"))[
    "project"
]["version"]
version = release

extensions = [
    "reno.sphinxext",
    "sphinx.ext.autodoc",
    "sphinx.ext.viewcode",
    "sphinx_copybutton",
    "tools.catalogue.pages",
    "tools.documentation",
]
exclude_patterns = ["tutorial/wordcount/**"]
default_role = "any"
smartquotes = False

# A reference that leads nowhere is a warning, and a warning is an error. Names of other projects
# than Python have no target here: no inventory is fetched, so a build needs no network.
nitpicky = True
nitpick_ignore_regex = [
    (r"py:.*", r"(?!mistral_).*"),
    # Type variables.
    (r"py:.*", r"mistral_lib\..*\.(P|R_co|T|C)"),
]

autodoc_member_order = "bysource"
autodoc_typehints = "signature"
autodoc_typehints_format = "short"
autodoc_preserve_defaults = True
python_use_unqualified_type_names = True
python_maximum_signature_line_length = 88
add_module_names = False
toc_object_entries_show_parents = "hide"

html_theme = "furo"
html_title = f"Mistral SDK {release}"
html_theme_options = {"navigation_with_keys": True}
html_static_path = ["_static"]
html_css_files = ["pages.css"]

# What a reader copies is what is typed: neither the prompts nor the output.
copybutton_prompt_text = r">>> |\.\.\. |\$ "
copybutton_prompt_is_regexp = True
