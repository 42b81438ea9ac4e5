# SPDX-FileCopyrightText: The Mistral SDK authors
# SPDX-License-Identifier: Apache-2.0
"""Run the command: ``python -m tools.mistral``."""

import sys

from tools.mistral.command import main

if __name__ == "__main__":
    sys.exit(main())
