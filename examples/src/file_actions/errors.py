# SPDX-FileCopyrightText: The Mistral SDK authors
# SPDX-License-Identifier: Apache-2.0
"""What can go wrong with files: a workflow branches on ``task().result.code``."""

from mistral_lib import actions

__all__ = ["FileBusy", "FileMissing", "FileUnreadable", "FilesDiffer"]


class FileMissing(actions.ActionException):
    """There is no such file or folder; ``details`` has its ``path``."""

    error_code = "FILE_NOT_FOUND"


class FileUnreadable(actions.ActionException):
    """It is there but can't be used: no permission, a wrong kind or format. Same ``details``."""

    error_code = "FILE_UNREADABLE"


class FileBusy(actions.ActionException):
    """Somebody wrote to the file while it was read. Same ``details``."""

    error_code = "FILE_BUSY"
    retryable = True
    retry_after = 1.0


class FilesDiffer(actions.ActionException):
    """Files are not what they should be; ``details`` has the lists ``changed`` and ``missing``."""

    error_code = "FILES_DIFFER"
