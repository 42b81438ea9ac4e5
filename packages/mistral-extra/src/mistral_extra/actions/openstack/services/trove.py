# SPDX-FileCopyrightText: The Mistral SDK authors
# SPDX-License-Identifier: Apache-2.0
"""Trove: the one method that writes files, in folders that the operator opened."""

from __future__ import annotations

import base64
import os
from typing import TYPE_CHECKING, Any

if TYPE_CHECKING:
    from collections.abc import Callable

__all__ = ["METHODS", "module_retrieve"]


def module_retrieve(
    client: Any, instance: str, directory: str | None = None, prefix: str | None = None
) -> dict[str, str]:
    """Retrieve the module data files from an instance.

    troveclient would write them wherever ``directory``, ``prefix`` or the name of a module leads.

    :param instance: The instance (or its ID).
    :param directory: Where the files go, in a folder that the site has opened.
    :param prefix: What their names begin with.
    :returns: The path of each module's file, by the module's name.
    """
    from mistral_extra import config
    from mistral_extra.actions.content_folders import content_folders

    folders = content_folders(config.OPENSTACK_ACTIONS_GROUP)
    what = "Parameter 'directory'"
    target = directory or os.curdir
    folders.resolve(target, what)
    start = f"{prefix.removesuffix('_')}_" if prefix else ""
    instance_id = getattr(instance, "id", instance)
    url = f"/instances/{instance_id}/modules?from_guest=True&include_contents=True"
    _, body = client.instances.api.client.get(url)
    saved = {}
    for module in body["modules"]:
        parts = (module["name"], module["datastore"], module["datastore_version"])
        name = start + "_".join(map(str, parts)) + ".dat"
        # A module's name is whatever somebody called it: no separator gets through.
        path = os.path.join(target, name.replace(os.sep, "_").replace("\0", "_"))
        with folders.create(path, what) as file:
            file.write(base64.b64decode(module["contents"]))
        saved[module["name"]] = path
    return saved


#: By the path through the client that they stand for.
METHODS: dict[str, Callable[..., Any]] = {"instances.module_retrieve": module_retrieve}
