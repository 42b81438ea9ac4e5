# SPDX-FileCopyrightText: The Mistral SDK authors
# SPDX-License-Identifier: Apache-2.0
"""The extension point for options of all of ``mistral-action``: how a site is set up."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

if TYPE_CHECKING:
    from collections.abc import Mapping

    import click

__all__ = ["GROUP", "Settings"]

#: Entry point group of settings: each names a subclass of :class:`Settings`.
GROUP = "mistral_lib.cli.settings"


class Settings:
    """Gives ``mistral-action`` options that stand before the subcommand, and hold for all of them.

    Derive a class, and announce it in your package:

    .. code-block:: toml

        [project.entry-points."mistral_lib.cli.settings"]
        acme = "acme.command:AcmeSettings"

    One that does not load is named by ``mistral-action doctor`` and takes only its options out.
    """

    def options(self) -> list[click.Option]:
        """Return the options to add; one whose name is taken already is left out."""
        return []

    def apply(self, options: Mapping[str, Any]) -> None:
        """Have the process go by these options, before any action is looked for.

        :param options: the values of this class's own options, by parameter name.
        :raises click.ClickException: they are wrong; ends the command with its message.
        """
