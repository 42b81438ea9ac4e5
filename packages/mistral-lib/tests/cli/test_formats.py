# SPDX-FileCopyrightText: The Mistral SDK authors
# SPDX-License-Identifier: Apache-2.0
"""Results as text."""

import io
import json

import pytest
import yaml

from mistral_lib.cli import formats, tables
from mistral_lib.cli.output import Output


class Stream(io.TextIOWrapper):
    def __init__(self, encoding="utf-8"):
        super().__init__(io.BytesIO(), encoding=encoding)

    @property
    def text(self):
        self.flush()
        return self.buffer.getvalue().decode(self.encoding)


def written(function, *args, encoding="utf-8"):
    stream = Stream(encoding)
    function(Output(stream), *args)
    return stream.text


ODD = {"name": "Grüß ✓", "lone": "\ud800"}


@pytest.mark.parametrize("encoding", ["ascii", "latin-1", "utf-8", "utf-16"])
def test_json_survives_any_encoding(encoding):
    assert json.loads(written(formats.write_data, "json", ODD, encoding=encoding)) == ODD


@pytest.mark.parametrize("encoding", ["ascii", "latin-1", "utf-8"])
def test_yaml_survives_any_encoding(encoding):
    text = written(formats.write_data, "yaml", {"name": "Grüß ✓"}, encoding=encoding)
    assert yaml.safe_load(text) == {"name": "Grüß ✓"}


def test_json_is_readable_where_the_encoding_has_the_characters():
    assert "Grüß" in written(formats.write_data, "json", "Grüß", encoding="latin-1")


def test_plain_text_escapes_what_the_encoding_lacks():
    assert written(formats.write_data, "value", "Grüß ✓", encoding="latin-1") == "Grüß \\u2713\n"


@pytest.mark.parametrize(
    ("data", "expected"),
    [
        ("text", "text\n"),
        (5, "5\n"),
        (True, "true\n"),
        (None, "\n"),
        (["a", "b"], "a\nb\n"),
        ([1, [2]], "1\n[2]\n"),
        ({"a": None, "b": {"c": 1}}, 'a\t\nb\t{"c": 1}\n'),
        ([{"a": 1}, {"b": "x"}], "1\t\n\tx\n"),
        ([], ""),
        ({}, ""),
    ],
)
def test_value_is_a_line_an_item_with_tabs_between_fields(data, expected):
    assert written(formats.write_data, "value", data) == expected


def test_table_never_cuts_or_wraps_a_name():
    long = "a." + "very_" * 60 + "long_name"
    text = written(formats.write_rows, "table", ["name", "tags"], [[long, ["x", "y"]], ["b", []]])
    assert text.splitlines()[1] == f"{long}  x, y"
    assert text.splitlines()[2] == "b"


def test_cell_cannot_break_its_line_or_drive_the_terminal():
    assert tables.cell("red \x1b[31m\nnext\ttab") == "red  [31m next tab"


def test_table_without_rows_is_nothing():
    assert written(formats.write_rows, "table", ["name"], []) == ""
