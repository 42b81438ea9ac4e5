# SPDX-FileCopyrightText: The Mistral SDK authors
# SPDX-License-Identifier: Apache-2.0
"""What every action obeys that connects to where a workflow says: which addresses, how long."""
