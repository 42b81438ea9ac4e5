# SPDX-FileCopyrightText: The Mistral SDK authors
# SPDX-License-Identifier: Apache-2.0
"""The workflow on the documentation's page does what the page says."""

import dataclasses
import stat

from mistral_extra.actions.network import errors as network_errors
from mistral_extra.actions.ssh import errors
from mistral_extra.actions.ssh.copy import CopyResult
from mistral_extra.actions.ssh.run import CommandResult

PAGE = "howto/ssh.rst"


def test_workflow_runs(page, place, tmp_path):
    inputs = {
        "hosts": [place.host] * 2,
        "known_hosts": place.known_hosts,
        "configuration": "workers = 4\n",
        "target": str(tmp_path / "web.conf"),
        "command": f"cat {tmp_path}/web.conf; printenv LANG",
    }
    login = {
        "deploy_user": place.login["username"],
        "deploy_key": place.login["private_key"],
    }
    output = page(PAGE).play("configure_web", inputs, login)
    said = [host["stdout"] for host in output["hosts"]]
    assert said == ["workers = 4\nC.UTF-8\n"] * 2
    assert stat.S_IMODE((tmp_path / "web.conf").stat().st_mode) == 0o640


def test_every_key_of_the_results_is_documented(page):
    text = page(PAGE).text.partition("What comes back")[2]
    fields = dataclasses.fields(CommandResult) + dataclasses.fields(CopyResult)
    assert [field.name for field in fields if f"``{field.name}``" not in text] == []


def test_every_code_is_documented(page, undocumented):
    assert undocumented(page(PAGE), errors, network_errors) == []
