# SPDX-FileCopyrightText: The Mistral SDK authors
# SPDX-License-Identifier: Apache-2.0
"""``ssh.run`` and ``ssh.copy``: commands and files on many hosts at once."""
