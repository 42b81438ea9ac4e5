# SPDX-FileCopyrightText: The Mistral SDK authors
# SPDX-License-Identifier: Apache-2.0
"""Actions about files."""

from pathlib import Path

from mistral_lib import actions

from wordcount.text import WordCount, count


@actions.action(idempotent=True, tags=["text", "files"], timeout=60)
def count_file(path: str, *, context: actions.ActionContext) -> WordCount:
    """Count the words of a text file.

    :param path: the file, on the machine that runs the action.
    """
    try:
        text = Path(path).read_text(encoding="utf-8")
    except FileNotFoundError as e:
        raise actions.ActionException(
            f"There is no file {path}", error_code="NO_FILE", details={"path": path}
        ) from e
    context.progress(f"{len(text)} characters in {path}")
    return WordCount(**context.run(count, text=text))
