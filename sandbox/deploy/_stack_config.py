"""A stack's configuration as the Pulumi CLI would hand it to the program: text for text, JSON for the rest."""

from __future__ import annotations

import json
from dataclasses import dataclass
from pathlib import Path
from typing import Any

from ruamel.yaml.nodes import MappingNode

from sandbox.client import COMMAND
from settings.document import SECRET, Document
from settings.files import read_text
from settings.keys import KEYS, NAMESPACE
from settings.problems import SettingsError
from settings.yaml_reader import compose, read_mapping, written_twice

SECRETS_HOST = "secret.invalid"
"""Where the URLs seem to lead that only the Pulumi CLI could decrypt. No such host can exist (RFC 2606)."""

_PREFIX, _SUFFIX = "Pulumi.", ".yaml"


class StackConfigError(ValueError):
    """The stack file, or the project file beside it, cannot be used; the text names the file and says why."""


@dataclass(frozen=True)
class StackConfig:
    """What the program is started with: `config` maps full keys (`trailwarden:emails`) to text or JSON text.

    `secrets` are the keys among them whose values are secret.
    """

    project: str
    stack: str
    config: dict[str, str]
    secrets: tuple[str, ...] = ()

    @property
    def region(self) -> str:
        """The default provider's Region."""
        return self.config["aws:region"]


def read(stack_file: Path) -> StackConfig:
    """Read `Pulumi.<stack>.yaml` and the `Pulumi.yaml` beside it.

    As the CLI does: a key without prefix is the project's, values that are not given are filled from the project file's
    `value` and `default`, and a declared key that has neither is an error. Raises StackConfigError.
    """
    name = stack_file.name
    if not (name.startswith(_PREFIX) and name.endswith(_SUFFIX) and len(name) > len(_PREFIX + _SUFFIX)):
        raise StackConfigError(f"{stack_file}: a stack file is called Pulumi.<stack>.yaml")
    stack = name.removeprefix(_PREFIX).removesuffix(_SUFFIX)
    if not stack_file.is_file():
        raise StackConfigError(
            f"{stack_file}: there is no such file; the setup wizard writes it: {COMMAND} setup --stack {stack}"
        )
    project_file = stack_file.with_name("Pulumi.yaml")
    project = _load(project_file)
    if not isinstance(project.get("name"), str):
        raise StackConfigError(f"{project_file}: name: must be the project's name")
    values = {
        _full_key(str(key), project["name"]): value for key, value in (_load(stack_file).get("config") or {}).items()
    }
    for key, declared in (project.get("config") or {}).items():
        full = _full_key(str(key), project["name"])
        if full in values:
            continue
        fallback = declared.get("value", declared.get("default")) if isinstance(declared, dict) else declared
        if fallback is None:
            raise StackConfigError(f"{stack_file}: {full}: is missing, and {project_file.name} requires it")
        values[full] = fallback
    config = {key: _on_the_wire(value, key=key, stack_file=stack_file) for key, value in values.items()}
    if "aws:region" not in config:
        raise StackConfigError(f"{stack_file}: aws:region: is missing; it is the home region, such as eu-west-1")
    secrets = tuple(key for key, value in values.items() if value is SECRET)
    return StackConfig(project["name"], stack, config, secrets)


def _load(path: Path) -> dict[str, Any]:
    """A YAML mapping from a file, read as strictly as everywhere: what readers disagree about is no value."""
    document = Document({}, source=str(path))
    try:
        root = compose(read_text(path), source=document.source)
        if not isinstance(root, MappingNode):
            raise StackConfigError(f"{path}: must be a mapping, as Pulumi writes it")
        values = read_mapping(root, document)
        document.problems += written_twice(root, source=document.source)
        if document.problems:
            raise SettingsError(document.problems)
    except SettingsError as error:
        raise StackConfigError(str(error)) from error
    return values


def _full_key(key: str, project: str) -> str:
    return key if ":" in key else f"{project}:{key}"


def _on_the_wire(value: Any, *, key: str, stack_file: Path) -> str:
    """One value as the program receives it. Only the CLI can decrypt a secret, and the sandbox has no CLI.

    A secret of the stack's own is the URL of a subscriber, to which the sandbox would post nothing anyway; another
    takes its place.
    """
    if value is SECRET and _is_own_secret(key):
        return f"https://{SECRETS_HOST}/{key.rpartition(':')[2]}"
    if _holds_secret(value):
        raise StackConfigError(
            f"{stack_file}: {key}: is encrypted, and only the Pulumi CLI can decrypt it; "
            "give the sandbox a stack of its own"
        )
    if isinstance(value, str):
        return value
    if isinstance(value, bool):
        return "true" if value else "false"
    if isinstance(value, int | float):
        return str(value)
    return json.dumps(value)


def _is_own_secret(key: str) -> bool:
    namespace, _, name = key.rpartition(":")
    return namespace == NAMESPACE and name not in KEYS


def _holds_secret(value: Any) -> bool:
    if isinstance(value, dict):
        return any(map(_holds_secret, value.values()))
    return any(map(_holds_secret, value)) if isinstance(value, list) else value is SECRET
