# SPDX-FileCopyrightText: The Mistral SDK authors
# SPDX-License-Identifier: Apache-2.0
"""What ``mistral-action run`` gets from this package: options of the site, as a server has them."""

from __future__ import annotations

import os
import re
from typing import TYPE_CHECKING

import click

from mistral_lib.cli import ContextSource

if TYPE_CHECKING:
    from collections.abc import Sequence

__all__ = ["ConfigFileSource"]


class ConfigFileSource(ContextSource):
    """Adds ``--config-file``, and has the variables ``OS_<GROUP>__<OPTION>`` obeyed.

    It gives no context: what it reads holds for the actions of the process, whoever runs them.
    """

    def options(self) -> list[click.Option]:
        text = (
            "Go by the options in this file, such as a server's mistral.conf. May be given more "
            "than once; of two values, the last counts. Variables as in "
            "OS_HTTP_ACTION__ALLOWED_NETWORKS win over both."
        )
        path = click.Path(exists=True, dir_okay=False, readable=True)
        return [
            click.Option(
                ["--config-file"],
                multiple=True,
                type=path,
                metavar="FILE",
                help=text,
                callback=_read,
            )
        ]


def _read(ctx: click.Context, option: click.Parameter, files: Sequence[str]) -> Sequence[str]:
    if files or any(name.startswith("OS_") and "__" in name for name in os.environ):
        from oslo_config import cfg

        # Importing it registers the options.
        from mistral_extra import config

        arguments = [word for file in files for word in ("--config-file", file)]
        try:
            # What is installed here for a server is no matter of this command's.
            config.CONF(arguments, "mistral", default_config_files=[], default_config_dirs=[])
        except cfg.Error as e:
            raise click.BadParameter(str(e).strip(), ctx, option) from e
        for group, options in config.list_opts():
            values = config.CONF if group is None else config.CONF[group]
            for each in options:
                try:
                    # Wrong values are found when they are read, which an action may do too late.
                    values[each.dest]
                except cfg.ConfigSourceValueError as e:
                    name = f"[{group or 'DEFAULT'}] {each.dest}"
                    raise click.UsageError(f"{name} {_told(str(e))}", ctx) from e
    return files


def _told(text: str) -> str:
    """Return what oslo.config says is wrong with a value, in words for people."""
    place = re.search(r"detail='([^']*)'", text)
    reason = text.partition("is not valid: ")[2] or text
    return f"in {place[1]} is not valid: {reason}" if place else f"is not valid: {reason}"
