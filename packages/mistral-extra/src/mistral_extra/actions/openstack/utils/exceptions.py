# SPDX-FileCopyrightText: The Mistral SDK authors
# SPDX-License-Identifier: Apache-2.0
"""Errors of the OpenStack actions.

All of them are mistral-lib's :class:`mistral_lib.exceptions.ActionException`, so each carries an
``error_code`` a workflow can branch on; ``code`` is the HTTP status that a server answers with.
"""

from __future__ import annotations

from mistral_lib import exceptions

__all__ = [
    "ActionException",
    "ApplicationContextNotFoundException",
    "MistralKeystoneException",
    "UnauthorizedException",
]


class ActionException(exceptions.ActionException):
    """An OpenStack action that can't do what it was asked to."""

    http_code = 400


class UnauthorizedException(ActionException):
    """Credentials that the cloud refuses, or none at all."""

    message = "Unauthorized"
    http_code = 401
    error_code = "UNAUTHORIZED"


class ApplicationContextNotFoundException(ActionException):
    """No request context has been set in this thread."""

    message = "Application context not found"
    http_code = 400
    error_code = "CONTEXT_NOT_FOUND"


class MistralKeystoneException(ActionException):
    """Keystone answered with an error, or not at all."""

    message = "An unknown Keystone exception occurred"
    http_code = 500
    error_code = "KEYSTONE_ERROR"
