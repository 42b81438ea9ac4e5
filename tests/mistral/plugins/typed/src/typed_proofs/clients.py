# SPDX-FileCopyrightText: The Mistral SDK authors
# SPDX-License-Identifier: Apache-2.0
"""An action that borrows a client from mistral-extra's cache."""

from mistral_extra import openstack
from mistral_lib import actions

__all__ = ["borrows"]


@actions.action(name="typed.borrows")
def borrows(item: int, *, context: actions.ActionContext) -> dict[str, int]:
    """List the images with a cached client, and say how the cache did."""
    client = openstack.client("glance", context)
    images = len(list(client.images.list()))
    known = openstack.statistics()
    return {"item": item, "images": images, "logins": known.logins, "hits": known.hits}
