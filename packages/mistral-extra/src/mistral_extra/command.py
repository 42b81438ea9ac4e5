# SPDX-FileCopyrightText: The Mistral SDK authors
# SPDX-License-Identifier: Apache-2.0
"""What ``mistral-action`` gets from this package: the site's options, as a server has them."""

from __future__ import annotations

import os
import re
from typing import TYPE_CHECKING, Any

import click

from mistral_extra import interactive
from mistral_lib.cli import Settings

if TYPE_CHECKING:
    from collections.abc import Mapping
    from types import ModuleType

__all__ = ["SiteSettings"]


class SiteSettings(Settings):
    """Adds ``--config-file``, and has the variables ``OS_<GROUP>__<OPTION>`` obeyed."""

    def options(self) -> list[click.Option]:
        text = (
            "Go by the options in this file, such as a server's mistral.conf. May be given more "
            "than once; of two values, the last counts. Variables as in "
            "OS_HTTP_ACTION__ALLOWED_NETWORKS win over both."
        )
        path = click.Path(exists=True, dir_okay=False, readable=True)
        option = ["--config-file", "config_files"]
        return [click.Option(option, multiple=True, type=path, metavar="FILE", help=text)]

    def apply(self, options: Mapping[str, Any]) -> None:
        interactive.declare()
        files = options["config_files"]
        if not files and not any(n.startswith("OS_") and "__" in n for n in os.environ):
            return
        from oslo_config import cfg

        # Importing it registers the options.
        from mistral_extra import config

        arguments = [word for file in files for word in ("--config-file", file)]
        try:
            # What is installed here for a server is no matter of this command's.
            config.CONF(arguments, "mistral", default_config_files=[], default_config_dirs=[])
        except cfg.Error as e:
            raise click.BadParameter(str(e).strip(), param_hint="--config-file") from e
        _check(config)


def _check(config: ModuleType) -> None:
    """Read all options: a wrong value is found then, which an action may do too late."""
    from oslo_config import cfg

    for group, options in config.list_opts():
        values = config.CONF if group is None else config.CONF[group]
        for each in options:
            try:
                values[each.dest]
            except cfg.ConfigSourceValueError as e:
                name = f"[{group or 'DEFAULT'}] {each.dest}"
                raise click.UsageError(f"{name} {_told(str(e))}") from e


def _told(text: str) -> str:
    """Return what oslo.config says is wrong with a value, in words for people."""
    place = re.search(r"detail='([^']*)'", text)
    reason = text.partition("is not valid: ")[2] or text
    return f"in {place[1]} is not valid: {reason}" if place else f"is not valid: {reason}"
