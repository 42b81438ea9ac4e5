# SPDX-FileCopyrightText: The Mistral SDK authors
# SPDX-License-Identifier: Apache-2.0
"""Errors of the OpenStack actions.

All of them are mistral-lib's :class:`mistral_lib.exceptions.ActionException`, so each carries an
``error_code`` a workflow can branch on; ``code`` is the HTTP status that a server answers with.
"""

from __future__ import annotations

from typing import TYPE_CHECKING

from mistral_lib import exceptions

if TYPE_CHECKING:
    from collections.abc import Mapping
    from typing import Any

__all__ = [
    "ActionException",
    "ApplicationContextNotFoundException",
    "MistralKeystoneException",
    "UnauthorizedException",
]


class ActionException(exceptions.ActionException):
    """An OpenStack action that can't do what it was asked to.

    Its attributes repeat what ``details`` tells a workflow.

    :param message: one line for people.
    :param error_code: machine-readable, see ``mistral_extra.actions.openstack.failures``.
    :param retryable: whether trying again later may succeed.
    :param retry_after: seconds to wait before that, where the service said so.
    :param details: JSON-ready facts; the attributes are taken from it.
    """

    http_code = 400

    #: HTTP status of the service's answer; None when there was no answer.
    status: int | None = None
    #: What the service's log calls the request.
    request_id: str | None = None
    #: The service by the name its actions begin with.
    service: str | None = None
    #: The method of its client.
    method: str | None = None

    def __init__(
        self,
        message: str | None = None,
        error_code: str | int | None = None,
        retryable: bool | None = None,
        retry_after: float | None = None,
        details: Mapping[str, Any] | None = None,
    ) -> None:
        super().__init__(message, error_code, retryable, retry_after, details)
        for name in ("status", "request_id", "service", "method"):
            if details is not None and details.get(name) is not None:
                setattr(self, name, details[name])


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
