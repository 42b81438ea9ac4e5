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
        volumes: list[dict[str, Any]] | None = None,
        key_name: str | None = None,
        availability_zone: str | None = None,
        config_drive: bool = False,
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
        self.volumes = volumes
        self.key_name = key_name
        self.availability_zone = availability_zone
        self.config_drive = config_drive
        self.wait = wait
        self.timeout = timeout

    def run(self, context: Any) -> dict[str, Any]:
        return {"name": self.name, "flavor": self.flavor, "waited": self.wait}


#: Parameters for it, and for the typed function of the same signature.
PARAMETERS: dict[str, Any] = {
    "name": "web-00017",
    "image": "6b5bd8ab-5c3d-4f0b-9d39-0d0f8a1f2f6c",
    "flavor": "m1.large",
    "networks": [
        {"uuid": "11bf8e34-52fd-4f7e-8fd7-5e0c8c4a7a30", "fixed_ip": "10.0.0.17"},
        {"uuid": "9c7d2f11-6a0e-4a0b-8f43-6b0f5d0f2b6e", "fixed_ip": "10.0.1.17"},
        {"port": "2f9f4d1c-0c50-4d1e-9a8e-7d8f0e5b1a55"},
    ],
    "metadata": {
        "role": "frontend",
        "owner": "observatory",
        "rack": "r17",
        "tier": "gold",
        "contact": "nights@observatory.example",
        "backup": "daily",
        "build": "2031.4.117",
    },
    "security_groups": ["default", "web", "monitored", "backup", "ssh-from-bastion"],
    "volumes": [
        {"source_type": "image", "boot_index": 0, "volume_size": 40, "delete_on_termination": True},
        {"source_type": "blank", "boot_index": -1, "volume_size": 200, "volume_type": "ssd"},
        {"source_type": "blank", "boot_index": -1, "volume_size": 900, "volume_type": "hdd"},
        {"source_type": "blank", "boot_index": -1, "volume_size": 900, "volume_type": "hdd"},
    ],
    "key_name": "observatory",
    "timeout": 600.5,
}
