# SPDX-FileCopyrightText: The Mistral SDK authors
# SPDX-License-Identifier: Apache-2.0
"""What the sandbox can't do, said for people."""

__all__ = ["SandboxError"]


class SandboxError(Exception):
    """Names the service or file, what was expected of it, and the remedy."""
