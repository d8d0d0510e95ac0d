"""What the program asked of one resource, as plain values that know whether somebody has read them.

The sandbox must not deploy half of what was asked and call it done, so an input that no creator read is an error.
"""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from typing import Any, TypeAlias

SIGNATURE = "4dabf18193072939515e22adb298388d"  # the key under which Pulumi's wire format says what a dict really is
SECRET = "1b47061264138c4ac30d75fd1eb44270"  # noqa: S105 (the value of that key on a wrapped secret; public)

# The keys of a nested input, each with the AWS API's own name for it and, if it nests further, that shape.
Shape: TypeAlias = "Mapping[str, str | tuple[str, Shape]]"


class UnsupportedInputError(ValueError):
    """An input that the sandbox cannot pass on to its AWS."""


class Inputs(Mapping[str, Any]):
    """The inputs of one resource by their Pulumi name. Reading marks as read; `unread` lists the rest.

    Secrets are unwrapped, whole floats are integers (numbers travel as floats), and what is None is absent.
    """

    def __init__(self, values: Mapping[str, Any]) -> None:
        self._values: dict[str, Any] = {key: plain(value) for key, value in values.items() if value is not None}
        self._read: set[str] = set()

    def __getitem__(self, key: str) -> Any:
        self._read.add(key)
        try:
            return self._values[key]
        except KeyError:
            raise UnsupportedInputError(f"the input {key} is missing, and AWS requires it") from None

    def get(self, key: str, default: Any = None) -> Any:
        """The input, or `default` if the program left it out."""
        return self[key] if key in self._values else default

    def __contains__(self, key: object) -> bool:
        return key in self._values

    def __iter__(self) -> Iterator[str]:
        return iter(self._values)

    def __len__(self) -> int:
        return len(self._values)

    def present(self, names: Mapping[str, str]) -> dict[str, Any]:
        """Those of the inputs `names` lists that are there, under the AWS API's names."""
        return {ours: self[theirs] for theirs, ours in names.items() if theirs in self._values}

    def set_aside(self, *names: str) -> None:
        """Mark inputs as read that only tell the provider how to delete, which the sandbox never does."""
        self._read.update(names)

    @property
    def unread(self) -> list[str]:
        """The inputs nobody asked for, sorted."""
        return sorted(set(self._values) - self._read)


def plain(value: Any) -> Any:
    """A value without Pulumi's wrappings: secrets opened, whole floats as integers, None left out of objects."""
    if isinstance(value, Mapping):
        if value.get(SIGNATURE) == SECRET:
            return plain(value["value"])
        return {key: plain(item) for key, item in value.items() if item is not None}
    if isinstance(value, list):
        return [plain(item) for item in value]
    if isinstance(value, float) and value.is_integer():
        return int(value)
    return value


def shaped(value: Mapping[str, Any], shape: Shape, *, path: str) -> dict[str, Any]:
    """A nested input in the words of the AWS API. Raises UnsupportedInputError on a key that `shape` does not know."""
    result: dict[str, Any] = {}
    for key, item in value.items():
        if key not in shape:
            raise UnsupportedInputError(
                f"the sandbox does not pass on {path}.{key}; it knows {', '.join(sorted(shape))}"
            )
        known = shape[key]
        if isinstance(known, str):
            result[known] = item
            continue
        name, inner = known
        if isinstance(item, list):
            result[name] = [shaped(each, inner, path=f"{path}.{key}[{index}]") for index, each in enumerate(item)]
        else:
            result[name] = shaped(item, inner, path=f"{path}.{key}")
    return result
