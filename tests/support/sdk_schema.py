"""Compares recorded inputs with the types that pulumi_aws declares for them.

The provider would refuse what this finds, and a mock monitor accepts it. Leans on `pulumi._types`, which is private:
the pin of pulumi guards it, and every use of it stays in this file.
"""

import enum
import importlib
import inspect
import sys
import typing
from collections.abc import Iterator, Mapping, Sequence
from typing import Any

from pulumi import _types
from pulumi.output import Unknown

SECRET_SIGNATURE = "4dabf18193072939515e22adb298388d"  # marks a wrapped value on the wire


def args_class(token: str) -> type:
    """The class that declares the inputs of a resource type such as `aws:sns/topic:Topic`."""
    _, module, name = token.split(":")
    module = module.partition("/")[0]
    package = importlib.import_module(f"pulumi_aws.{'lambda_' if module == 'lambda' else module}")
    source = sys.modules[getattr(package, name).__module__]
    # Where a nested input already has the plain name, the resource's own class is called …InitArgs.
    return getattr(source, f"{name}InitArgs", None) or getattr(source, f"{name}Args")


def properties(token: str) -> frozenset[str]:
    """The input properties of a resource type, as they are called on the wire."""
    return frozenset(_types.input_type_types(args_class(token)))


def problems(token: str, inputs: Mapping[str, Any]) -> list[str]:
    """Unknown properties and values of the wrong kind; nothing for types that are not the provider's."""
    return list(_walk(args_class(token), inputs, token)) if token.startswith("aws:") else []


def _walk(declared: Any, value: Any, path: str) -> Iterator[str]:
    if isinstance(value, dict) and SECRET_SIGNATURE in value:
        value = value["value"]  # a secret: look inside
    if value is None or isinstance(value, Unknown):
        return
    declared = _types.unwrap_type(declared)  # Optional[Input[X]] -> X
    origin, parameters = typing.get_origin(declared), typing.get_args(declared)
    if inspect.isclass(declared) and _types.is_input_type(declared):
        yield from _walk_object(declared, value, path)
    elif origin in (dict, Mapping):
        yield from _walk_items(parameters[-1], value, path, dict)
    elif origin in (list, Sequence):
        yield from _walk_items(parameters[-1], value, path, list)
    elif origin is typing.Union:
        yield from _walk_union(parameters, value, path)
    elif not _fits(declared, value):
        yield f"{path}: expected {getattr(declared, '__name__', declared)}, got {value!r}"


def _walk_object(declared: type, value: Any, path: str) -> Iterator[str]:
    if not isinstance(value, dict):
        yield f"{path}: expected an object, got {value!r}"
        return
    known = _types.input_type_types(declared)  # wire name -> type
    for key, item in value.items():
        if key in known:
            yield from _walk(known[key], item, f"{path}.{key}")
        else:
            yield f"{path}.{key}: not a property of {declared.__name__}, which has {', '.join(sorted(known))}"


def _walk_items(declared: Any, value: Any, path: str, container: type) -> Iterator[str]:
    if not isinstance(value, container):
        yield f"{path}: expected a {container.__name__}, got {value!r}"
        return
    for key, item in value.items() if isinstance(value, dict) else enumerate(value):
        yield from _walk(declared, item, f"{path}[{key}]")


def _walk_union(parameters: tuple[Any, ...], value: Any, path: str) -> Iterator[str]:
    """An Args class beside its dict form, or a text beside an enum."""
    options = [each for each in parameters if typing.get_origin(each) is None and each is not type(None)]
    objects = [each for each in options if inspect.isclass(each) and _types.is_input_type(each)]
    if objects and isinstance(value, dict):
        yield from _walk_object(objects[0], value, path)
    elif not any(_fits(each, value) for each in options):
        yield f"{path}: {value!r} is none of {options}"


def _fits(declared: Any, value: Any) -> bool:
    declared = _types.unwrap_type(declared)
    if inspect.isclass(declared) and issubclass(declared, enum.Enum):
        return value in [each.value for each in declared]
    is_number = isinstance(value, (int, float)) and not isinstance(value, bool)
    kinds = {
        bool: isinstance(value, bool),
        int: is_number and float(value).is_integer(),  # numbers travel as floats
        float: is_number,
        str: isinstance(value, str),
    }
    return kinds.get(declared, True)  # assets and archives
