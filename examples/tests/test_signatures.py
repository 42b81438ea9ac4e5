# SPDX-FileCopyrightText: The Mistral SDK authors
# SPDX-License-Identifier: Apache-2.0
import hashlib
import hmac

import pytest
from mistral_lib import actions

from file_actions.signatures import check_signature, sign

KEY = "correct-horse-battery-staple"


@pytest.fixture
def signed(action_environment, folder):
    """A file's path, key and signature, as parameters of files.check_signature."""
    path = str(folder / "main.py")
    return {**action_environment.run(sign, path=path, key=KEY), "key": KEY}


def test_a_signature_is_the_hmac_sha256_of_the_content(signed):
    assert signed["signature"] == hmac.digest(KEY.encode(), b"print(1)\n", hashlib.sha256).hex()


def test_what_was_signed_passes(action_environment, signed):
    assert action_environment.run(check_signature, signed)["signature"] == signed["signature"]


def test_another_key_or_another_file_is_an_error(action_environment, signed, folder):
    for change in ({"key": KEY[::-1]}, {"path": str(folder / "logo.png")}):
        error = action_environment.run_result(check_signature, {**signed, **change}).error
        assert error["code"] == "BAD_SIGNATURE"


def test_the_key_shows_nowhere_even_when_the_run_fails(action_environment, tmp_path):
    result = action_environment.run_result(sign, path=f"{tmp_path}/{KEY}", key=KEY)
    assert result.error["details"] == {"path": f"{tmp_path}/***"}
    assert action_environment.secrets_seen() == []


def test_a_short_key_is_refused_and_not_told(action_environment):
    with pytest.raises(actions.InvalidInput, match="parameter 'key'") as caught:
        action_environment.run(sign, path="any", key="hunter2")
    assert "hunter2" not in str(caught.value)


def test_what_is_no_signature_is_refused(action_environment, signed):
    with pytest.raises(actions.InvalidInput, match="parameter 'signature'"):
        action_environment.run(check_signature, {**signed, "signature": "é"})
