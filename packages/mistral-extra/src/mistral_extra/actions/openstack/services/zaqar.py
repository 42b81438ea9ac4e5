# SPDX-FileCopyrightText: The Mistral SDK authors
# SPDX-License-Identifier: Apache-2.0
"""What no path through zaqarclient says: a queue is looked up first, then asked.

A queue named here needs not exist: Zaqar makes it with the first message.
"""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

if TYPE_CHECKING:
    from collections.abc import Sequence

__all__ = [
    "METHODS",
    "claim_messages",
    "delete_messages",
    "fields",
    "queue_create",
    "queue_delete",
    "queue_messages",
    "queue_metadata",
    "queue_pop",
    "queue_post",
    "queue_purge",
    "queue_stats",
]

#: Objects that hold what the service said.
_TELLING = frozenset({"Claim", "Flavor", "Message", "Pool", "Queue", "Subscription"})

#: What leads from one back to the client it came from.
_WAYS_BACK = frozenset({"queue", "client", "_queue", "_client", "_message_iter"})


def queue_messages(client: Any, queue_name: str, **params: Any) -> Any:
    """Get the messages of a queue.

    :param queue_name: Name of the queue.
    :param params: Filters, such as ``limit``, ``marker``, ``echo`` and ``include_claimed``.
    :returns: The messages.
    """
    return client.queue(queue_name).messages(**params)


def queue_post(client: Any, queue_name: str, messages: list[Any] | dict[str, Any]) -> Any:
    """Post one message or more to a queue.

    :param queue_name: Name of the queue.
    :param messages: A message, or a list of them: objects with ``body`` and, optionally, ``ttl``.
    :returns: Where the messages are.
    """
    return client.queue(queue_name).post(messages)


def queue_pop(client: Any, queue_name: str, count: int = 1) -> Any:
    """Take messages off a queue.

    :param queue_name: Name of the queue.
    :param count: How many messages at most.
    :returns: The messages.
    """
    return client.queue(queue_name).pop(count)


def queue_create(client: Any, queue_name: str, metadata: dict[str, Any] | None = None) -> Any:
    """Create a queue, or give one that exists other metadata.

    :param queue_name: Name of the queue.
    :param metadata: What is to be kept with it.
    """
    queue = client.queue(queue_name, force_create=True)
    if metadata:
        queue.metadata(new_meta=metadata)
    return {"name": queue_name, "metadata": metadata or {}}


def queue_metadata(client: Any, queue_name: str) -> Any:
    """Get the metadata of a queue.

    :param queue_name: Name of the queue.
    """
    return client.queue(queue_name).metadata()


def queue_stats(client: Any, queue_name: str) -> Any:
    """Count the messages of a queue: free, claimed and in total.

    :param queue_name: Name of the queue.
    """
    return client.queue(queue_name).stats


def queue_purge(client: Any, queue_name: str, resource_types: Sequence[str] | None = None) -> None:
    """Empty a queue.

    :param queue_name: Name of the queue.
    :param resource_types: ``messages``, ``subscriptions`` or both; both by default.
    """
    client.queue(queue_name).purge(resource_types=resource_types)


def queue_delete(client: Any, queue_name: str) -> None:
    """Delete a queue and its messages.

    :param queue_name: Name of the queue.
    """
    client.queue(queue_name).delete()


def claim_messages(client: Any, queue_name: str, **params: Any) -> list[dict[str, Any]]:
    """Claim messages of a queue: nobody else gets them for a time.

    :param queue_name: Name of the queue.
    :param params: ``ttl`` and ``grace`` in seconds, and ``limit``, the number of messages.
    :returns: The messages, each with its ``claim_id``.
    """
    claim = client.queue(queue_name).claim(**params)
    return [{**(fields(message) or {}), "claim_id": claim.id} for message in claim]


def delete_messages(client: Any, queue_name: str, messages: Sequence[str]) -> Any:
    """Delete messages of a queue.

    :param queue_name: Name of the queue.
    :param messages: Ids of the messages.
    """
    return client.queue(queue_name).delete_messages(*messages)


#: By the name that an action gives as its client method.
METHODS = {
    function.__name__: function
    for function in (
        queue_messages,
        queue_post,
        queue_pop,
        queue_create,
        queue_metadata,
        queue_stats,
        queue_purge,
        queue_delete,
        claim_messages,
        delete_messages,
    )
}


def fields(entity: Any) -> dict[str, Any] | None:
    """Return what zaqarclient's object holds; None of an object that holds nothing of interest.

    It is not asked for more than it has: it would ask the service.
    """
    if type(entity).__name__ not in _TELLING:
        return None
    return {
        name.lstrip("_"): value for name, value in vars(entity).items() if name not in _WAYS_BACK
    }
