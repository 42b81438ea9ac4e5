# SPDX-FileCopyrightText: The Mistral SDK authors
# SPDX-License-Identifier: Apache-2.0
"""``python -m mistral_lib.cli`` is ``mistral-action``, where no script is installed."""

import sys

from mistral_lib.cli.command import main

sys.exit(main())
