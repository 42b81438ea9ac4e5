# SPDX-FileCopyrightText: The Mistral SDK authors
# SPDX-License-Identifier: Apache-2.0
"""What the tools can't do, said for people."""

__all__ = ["SupervisionError"]


class SupervisionError(Exception):
    """Names the server or file, what was expected of it, and the remedy."""
