# SPDX-FileCopyrightText: The Mistral SDK authors
# SPDX-License-Identifier: Apache-2.0
import pytest
from mistral_lib import actions

from wordcount.text import WordCount, count


def test_words_that_differ_in_case_alone_are_one():
    assert count("The cat and the dog") == WordCount(words=5, unique=4)


def test_a_workflow_gets_plain_data():
    data = actions.run(count, {"text": "one two two", "ignore_case": False})

    assert data == {"words": 3, "unique": 2}


def test_a_number_is_no_text():
    with pytest.raises(actions.InvalidInput, match="parameter 'text' must be str, got int"):
        actions.run(count, {"text": 5})
