# SPDX-FileCopyrightText: The Mistral SDK authors
# SPDX-License-Identifier: Apache-2.0
"""A real Mistral server on loopback, for tests and demos: one process, or a cluster.

    python -m tools.mistral up
    python -m tools.mistral up --cluster

Folder, control socket, ports and processes are those of :mod:`tools.supervision`. Command,
supervisor and handle need Python 3.11 and nothing else; the server has an environment of its own,
in which the packages of this tree are installed as wheels, or upstream's of the same names.
"""
