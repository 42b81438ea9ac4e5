# SPDX-FileCopyrightText: The Mistral SDK authors
# SPDX-License-Identifier: Apache-2.0
"""The context sources that are installed, asked for a context."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

import click
from click.core import ParameterSource

from mistral_lib import exceptions
from mistral_lib.cli import outcomes

if TYPE_CHECKING:
    from collections.abc import Mapping

    from mistral_lib.actions.context import ActionContext
    from mistral_lib.cli.plugged import Plugged

__all__ = ["asked", "context"]


def asked(sources: Plugged, ctx: click.Context) -> list[str]:
    """Return the options on the command line that ask a source for a context."""
    return [
        option.opts[0]
        for option in sources.options
        if ctx.get_parameter_source(option.name or "") is ParameterSource.COMMANDLINE
    ]


def context(sources: Plugged, values: Mapping[str, Any]) -> ActionContext | None:
    """Return the context of the first source that has one for these values of options.

    :raises Failure: a source could not make it.
    """
    for entry in sources.loaded:
        try:
            found: ActionContext | None = entry.instance.context(entry.own(values))
        except (click.ClickException, click.exceptions.Exit, click.Abort):
            raise
        except exceptions.MistralException as e:
            raise outcomes.Failure(f"There is no context to run in: {e}") from e
        except Exception as e:
            raise outcomes.Failure(
                f"Context source '{entry.name}' failed: {type(e).__name__}: {e}"
            ) from e
        if found is not None:
            return found
    return None
