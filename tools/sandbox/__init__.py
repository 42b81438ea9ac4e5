# SPDX-FileCopyrightText: The Mistral SDK authors
# SPDX-License-Identifier: Apache-2.0
"""Real OpenStack services on loopback, for tests and demos.

    python -m tools.sandbox up --only keystone,glance

Two halves. What runs in any Python 3.11 with the standard library alone: the command, the
environment's installation, the handle to a running sandbox (:mod:`tools.sandbox.handle`). What runs
in the sandbox's own environment: the supervisor and, forked from it, the services.
"""
