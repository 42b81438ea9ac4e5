# SPDX-FileCopyrightText: The Mistral SDK authors
# SPDX-License-Identifier: Apache-2.0
"""The version under upstream's names; ``mistral_extra.__version__`` is the same."""

from __future__ import annotations

from importlib import metadata

__all__ = ["VersionInfo", "version_info", "version_string"]


class VersionInfo:
    """A distribution's version, by the methods of ``pbr.version.VersionInfo`` that servers call.

    :param package: name of the distribution.
    """

    def __init__(self, package: str) -> None:
        self.package = package

    def __str__(self) -> str:
        return self.version_string()

    def __repr__(self) -> str:
        return f"VersionInfo({self.package}:{self})"

    def release_string(self) -> str:
        """Return the whole version."""
        return metadata.version(self.package)

    def version_string(self) -> str:
        """Return the version without what marks a build: ``18.0.0`` of ``18.0.0.dev3+g1234``."""
        release = self.release_string().partition("+")[0]
        return release.partition(".dev")[0]


version_info = VersionInfo("mistral_extra")
version_string = version_info.version_string()
