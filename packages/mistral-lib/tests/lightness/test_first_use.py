# SPDX-FileCopyrightText: The Mistral SDK authors
# SPDX-License-Identifier: Apache-2.0
"""What is heavy loads with the first use that needs it, and with no other."""

import pytest

CLASS_ACTION = """
from mistral_lib import actions
class Echo(actions.Action):
    def __init__(self, text):
        self.text = text
    def run(self, context):
        return self.text
"""

TYPED_ACTION = """
from mistral_lib import actions
@actions.action
def echo(text: str) -> str:
    '''Say it again.'''
    return text
"""

CONTEXT = """
context = actions.ActionContext(actions.SecurityContext(auth_token="gAAAA-f00ba4-token"))
"""


def test_a_class_action_runs_on_what_importing_loaded(loaded_by):
    loaded = loaded_by("actions.run(Echo, {'text': 'hi'})", first=CLASS_ACTION)
    assert loaded == set()


def test_describing_and_checking_a_class_action_needs_nothing_more(loaded_by):
    code = "actions.PythonActionDescriptor('demo.echo', Echo).check_parameters({'text': 'hi'})"
    assert loaded_by(code, first=CLASS_ACTION) == set()


def test_declaring_a_typed_function_loads_the_validator_and_no_documentation_tools(loaded_by):
    loaded = loaded_by(TYPED_ACTION, first="import mistral_lib.actions")
    assert "msgspec" in loaded
    absent = {"asyncio", "docstring_parser", "importlib.metadata", "logging", "pydantic"}
    assert loaded & (absent | {"oslo_serialization", "oslo_utils", "stevedore"}) == set()


def test_a_typed_function_runs_on_what_declaring_it_loaded(loaded_by):
    assert loaded_by("actions.run(echo, {'text': 'hi'})", first=TYPED_ACTION) == set()


def test_only_a_schema_reads_the_docstring(loaded_by):
    code = "echo.action_class._declaration.contract.input_schema()"
    assert "docstring_parser" in loaded_by(code, first=TYPED_ACTION)


def test_only_a_coroutine_loads_asyncio(loaded_by):
    first = TYPED_ACTION.replace("def echo", "async def echo")
    assert "asyncio" in loaded_by("actions.run(echo, {'text': 'hi'})", first=first)


def test_only_a_secret_loads_logging(loaded_by):
    code = f"{CONTEXT}\nactions.run(Echo, {{'text': 'hi'}}, context)"
    loaded = loaded_by(code, first=CLASS_ACTION)
    assert "logging" in loaded
    # What spells it in all the ways that could show it waits for something to be logged.
    assert loaded & {"json", "urllib.parse"} == set()


def test_an_error_of_an_action_that_knows_a_secret_loads_what_finds_it(loaded_by):
    first = CLASS_ACTION.replace("return self.text", "raise ValueError('no gAAAA-f00ba4-token')")
    code = f"""{CONTEXT}
result = actions.Runner().run(Echo, {{'text': 'hi'}}, context)
assert result.error['message'] == 'no ***'
"""
    assert {"mistral_lib.actions.search", "mistral_lib.actions.spellings"} <= loaded_by(
        code, first=first
    )


def test_plain_data_goes_over_the_wire_without_oslo(loaded_by):
    code = """
serializer = serialization.get_polymorphic_serializer()
result = actions.Result({'items': [1, 2.5, None, True, 'text']})
assert serializer.deserialize(serializer.serialize(result)) == result
"""
    loaded = loaded_by(code, first="from mistral_lib import actions, serialization")
    assert "msgspec" in loaded
    assert loaded & {"oslo_serialization", "oslo_utils", "logging", "asyncio"} == set()


def test_a_value_that_json_lacks_is_left_to_oslo(loaded_by):
    code = "assert sorted(utils.from_json_str(utils.to_json_str({1, 2}))) == [1, 2]"
    assert "oslo_serialization" in loaded_by(code, first="from mistral_lib import utils")


def test_masking_loads_no_more_of_oslo_than_its_patterns(loaded_by):
    code = "assert utils.mask_data({'password': 'x'}) == {'password': '***'}"
    loaded = loaded_by(code, first="from mistral_lib import utils")
    assert "oslo_utils.strutils" in loaded
    assert loaded & {"oslo_serialization", "oslo_config", "oslo_log"} == set()


@pytest.mark.parametrize("name", ["CompletionHandle", "CompletionError", "DeliveryPolicy"])
def test_naming_what_delivers_results_loads_no_http_client(name, loaded_by):
    loaded = loaded_by(f"completion.{name}", first="from mistral_lib.actions import completion")
    assert loaded & {"urllib3", "http.client", "ssl", "socket"} == set()


def test_the_version_is_looked_up_when_asked_for(loaded_by):
    loaded = loaded_by("mistral_lib.__version__", first="import mistral_lib")
    assert "importlib.metadata" in loaded
    assert "stevedore" not in loaded
