# SPDX-FileCopyrightText: The Mistral SDK authors
# SPDX-License-Identifier: Apache-2.0
"""An action class as plug-ins have them, which both libraries take."""

from __future__ import annotations

from typing import Any

from mistral_lib import actions


class CreateServer(actions.Action):
    """Create a server."""

    def __init__(
        self,
        name: str,
        image: str,
        flavor: str,
        networks: list[dict[str, str]] | None = None,
        metadata: dict[str, str] | None = None,
        security_groups: list[str] | None = None,
        wait: bool = True,
        timeout: float = 300.0,
    ) -> None:
        super().__init__()
        self.name = name
        self.image = image
        self.flavor = flavor
        self.networks = networks
        self.metadata = metadata
        self.security_groups = security_groups
        self.wait = wait
        self.timeout = timeout

    def run(self, context: Any) -> dict[str, Any]:
        return {"name": self.name, "flavor": self.flavor, "waited": self.wait}


#: Parameters for it, and for the typed function of the same signature.
PARAMETERS: dict[str, Any] = {
    "name": "web-00017",
    "image": "6b5bd8ab-5c3d-4f0b-9d39-0d0f8a1f2f6c",
    "flavor": "m1.large",
    "networks": [{"uuid": "11bf8e34-52fd-4f7e-8fd7-5e0c8c4a7a30"}, {"uuid": "public"}],
    "metadata": {"role": "frontend", "owner": "observatory", "rack": "r17"},
    "security_groups": ["default", "web"],
    "timeout": 600.5,
}
