# SPDX-FileCopyrightText: The Mistral SDK authors
# SPDX-License-Identifier: Apache-2.0
"""mistral_lib.utils, the face."""

import inspect
import subprocess
import sys

import pytest

from mistral_lib import utils
from mistral_lib.utils import inspect_utils

SIGNATURES = {
    "cut": "(data, length=100)",
    "cut_by_char": "(data, length)",
    "cut_by_kb": "(data, kilobytes)",
    "cut_dict": "(dict_data, length=100)",
    "cut_list": "(list_data, length=100)",
    "cut_string": "(str_data, length=100)",
    "datetime_to_str": "(val, sep=' ')",
    "datetime_to_str_in_dict": "(d, key, sep=' ')",
    "drop_microseconds": "(date)",
    "from_json_str": "(json_str)",
    "generate_string": "(length)",
    "generate_unicode_uuid": "()",
    "get_dict_from_entries": "(entries)",
    "get_dict_from_string": "(string, delimiter=',')",
    "get_file_list": "(directory, package='mistral')",
    "get_number_of_chars_from_kilobytes": "(kilobytes)",
    "get_process_identifier": "()",
    "get_thread_local": "(var_name)",
    "has_thread_local": "(var_name)",
    "is_valid_uuid": "(uuid_string)",
    "iter_subclasses": "(cls, _seen=None)",
    "log_exec": "(logger, level=10)",
    "mask_data": "(obj)",
    "merge_dicts": "(left, right, overwrite=True)",
    "random_sleep": "(limit=1)",
    "retry_after": "(value)",
    "set_thread_local": "(var_name, val)",
    "to_json_str": "(obj)",
    "update_dict": "(left, right)",
    "utc_now_sec": "()",
}
INSPECT_SIGNATURES = {
    "get_arg_list": "(func)",
    "get_arg_list_as_str": "(func)",
    "get_args_spec": "(func)",
    "get_docstring": "(obj)",
    "get_public_fields": "(obj)",
}


def without_annotations(func):
    signature = inspect.signature(func)
    parameters = [
        p.replace(annotation=inspect.Parameter.empty) for p in signature.parameters.values()
    ]
    return str(inspect.Signature(parameters))


@pytest.mark.parametrize(("name", "signature"), SIGNATURES.items())
def test_every_function_has_the_signature_that_callers_know(name, signature):
    assert without_annotations(getattr(utils, name)) == signature


@pytest.mark.parametrize(("name", "signature"), INSPECT_SIGNATURES.items())
def test_every_inspecting_function_has_the_signature_that_callers_know(name, signature):
    assert without_annotations(getattr(inspect_utils, name)) == signature


def test_the_face_shows_these_names_and_no_others():
    assert set(utils.__all__) == {*SIGNATURES, "NotDefined"}


def test_importing_it_loads_nothing_heavy():
    heavy = [
        "asyncio", "datetime", "importlib.metadata", "inspect", "json", "logging", "msgspec",
        "oslo_serialization", "oslo_utils", "pathlib", "random", "socket", "stevedore", "urllib",
        "uuid",
    ]  # fmt: skip
    code = f"import sys, mistral_lib.utils; print([m for m in {heavy} if m in sys.modules])"
    # Without the site module: what an environment loads at its start is not ours.
    command = [sys.executable, "-S", "-c", f"import sys; sys.path[:] = {sys.path}; {code}"]
    done = subprocess.run(command, check=True, capture_output=True, text=True)
    assert done.stdout.strip() == "[]"
