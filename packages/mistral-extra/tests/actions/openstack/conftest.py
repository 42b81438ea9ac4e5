# SPDX-FileCopyrightText: The Mistral SDK authors
# SPDX-License-Identifier: Apache-2.0
import json

import pytest

from mistral_extra import config


@pytest.fixture
def configured():
    """Set options as a configuration file would; all are as before afterwards."""

    def configure(group=None, **options):
        for name, value in options.items():
            config.CONF.set_override(name, value, group)

    yield configure
    config.CONF.clear_override("openstack_actions_mapping_path")
    config.CONF.clear_override("modules_support_region", "openstack_actions")


@pytest.fixture
def mapped(tmp_path, configured):
    """Have a mapping of one's own, given as data or text; returns its file."""
    file = tmp_path / "mapping.json"

    def write(content):
        text = content if isinstance(content, str) else json.dumps(content)
        file.write_text(text, encoding="utf-8")
        configured(openstack_actions_mapping_path=str(file))
        return file

    return write
