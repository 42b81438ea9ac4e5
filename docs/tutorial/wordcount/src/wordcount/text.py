# SPDX-FileCopyrightText: The Mistral SDK authors
# SPDX-License-Identifier: Apache-2.0
"""Actions about text."""

from dataclasses import dataclass

from mistral_lib import actions


@dataclass
class WordCount:
    """How many words a text has."""

    words: int
    unique: int


@actions.action(idempotent=True, tags=["text"])
def count(text: str, *, ignore_case: bool = True) -> WordCount:
    """Count the words of a text.

    :param text: the text; white space separates words.
    :param ignore_case: whether "The" and "the" are one word.
    :returns: the number of words, and of different words.
    """
    words = text.lower().split() if ignore_case else text.split()
    return WordCount(words=len(words), unique=len(set(words)))
