# SPDX-FileCopyrightText: The Mistral SDK authors
# SPDX-License-Identifier: Apache-2.0
"""Workflow actions that know what is in a folder, and prove later that it is unchanged."""
