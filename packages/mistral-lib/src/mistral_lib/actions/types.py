# SPDX-FileCopyrightText: The Mistral SDK authors
# SPDX-License-Identifier: Apache-2.0
"""What an action answers with."""

from __future__ import annotations

from typing import TYPE_CHECKING

from mistral_lib import exceptions, serialization, utils

if TYPE_CHECKING:
    from typing import Any

__all__ = ["Result", "ResultSerializer"]

#: Characters that :meth:`Result.cut_repr` keeps of each field.
_CUT_LENGTH = 100


class Result(serialization.MistralSerializable):
    """The outcome of an action: data, an error, or a cancellation.

    :param data: JSON-ready value the workflow reads on success.
    :param error: JSON-ready value the workflow reads on failure; any value but None means failure.
    :param cancel: the action was cancelled; wins over ``error``.
    """

    def __init__(self, data: Any = None, error: Any = None, cancel: bool = False) -> None:
        self.data = data
        self.error = error
        self.cancel = cancel

    def is_success(self) -> bool:
        """Tell whether the action did its work."""
        return not self.cancel and self.error is None

    def is_error(self) -> bool:
        """Tell whether the action failed."""
        return not self.cancel and self.error is not None

    def is_cancel(self) -> bool:
        """Tell whether the action was cancelled."""
        return self.cancel

    def to_dict(self) -> dict[str, Any]:
        """Return ``{"result": ...}`` with the data of a success, otherwise the error."""
        return {"result": self.data if self.is_success() else self.error}

    def cut_repr(self) -> str:
        """Return a line for logs: masked, at most 100 characters of each field."""
        data, error = (
            v if v is None else utils.cut(utils.mask_data(v), _CUT_LENGTH)
            for v in (self.data, self.error)
        )
        return f"Result [data={data}, error={error}, cancel={self.cancel}]"

    def __repr__(self) -> str:
        return (
            f"Result [data={_masked(self.data)!r}, error={_masked(self.error)!r}, "
            f"cancel={self.cancel}]"
        )

    def __eq__(self, other: object) -> bool:
        if not isinstance(other, Result):
            return NotImplemented
        return (self.data, self.error, self.cancel) == (other.data, other.error, other.cancel)

    # Mutable and compared by value.
    __hash__ = None  # type: ignore[assignment]


def _masked(value: Any) -> Any:
    # Of numbers and the like, mask_data would make text.
    if isinstance(value, list):
        return [_masked(item) for item in value]
    return utils.mask_data(value) if isinstance(value, (str, dict)) else value


class ResultSerializer(serialization.DictBasedSerializer):
    """Writes ``{"data":, "error":, "cancel":}``."""

    def serialize_to_dict(self, entity: Result) -> dict[str, Any]:
        """Return the three fields."""
        return {"data": entity.data, "error": entity.error, "cancel": entity.cancel}

    def deserialize_from_dict(self, entity_dict: dict[str, Any]) -> Result:
        """Return the result; an older sender may leave ``cancel`` out.

        :raises DeserializationError: ``cancel`` is neither true nor false.
        """
        cancel = entity_dict.get("cancel")
        if cancel is not None and not isinstance(cancel, int):
            raise exceptions.DeserializationError(
                f"'cancel' of a result must be true or false, got {type(cancel).__name__}"
            )
        return Result(entity_dict.get("data"), entity_dict.get("error"), bool(cancel))


serialization.register_serializer(Result, ResultSerializer())
