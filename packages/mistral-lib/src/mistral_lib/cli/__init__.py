# SPDX-FileCopyrightText: The Mistral SDK authors
# SPDX-License-Identifier: Apache-2.0
"""The command ``mistral-action``: list, show and run the actions installed here."""

from mistral_lib.cli.command import main
from mistral_lib.cli.contexts import ContextSource
from mistral_lib.cli.settings import Settings

__all__ = ["ContextSource", "Settings", "main"]
