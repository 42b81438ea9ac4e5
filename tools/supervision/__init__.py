# SPDX-FileCopyrightText: The Mistral SDK authors
# SPDX-License-Identifier: Apache-2.0
"""Servers that live in a folder, below a process of their own: what sandbox and Mistral share.

Somebody brings them up and holds them; they end, all of them, when nobody does. It needs Python
3.11, Linux, and nothing else.
"""
