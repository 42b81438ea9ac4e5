# SPDX-FileCopyrightText: The Mistral SDK authors
# SPDX-License-Identifier: Apache-2.0
"""What the tools' commands have in common."""

from __future__ import annotations

import signal
import sys
from typing import TYPE_CHECKING

from tools.supervision.errors import SupervisionError

if TYPE_CHECKING:
    import argparse

__all__ = ["run", "say"]


def run(program: str, options: argparse.Namespace) -> int:
    """Do what a command line says, by the function ``options.run``; return the exit code."""
    # As Ctrl-C: what is being started ends with this process.
    signal.signal(signal.SIGTERM, lambda *_: sys.exit(128 + signal.SIGTERM))
    try:
        options.run(options)
    except SupervisionError as error:
        print(f"{program}: {error}", file=sys.stderr)
        return 1
    except KeyboardInterrupt:
        return 128 + signal.SIGINT
    return 0


def say(text: str) -> None:
    """Say what goes on, beside what is the command's result."""
    print(text, file=sys.stderr, flush=True)
