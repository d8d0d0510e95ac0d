"""One deploy, seen from outside: what must hold before it, and what came of it."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import Any

from botocore.exceptions import BotoCoreError, ClientError

from sandbox.client import SandboxClient, no_answer
from settings.regions import partition_of

from . import _stack_config
from ._process import run_worker
from ._resource import PARTITION
from .environment import ROOT

# The one thing the sandbox remembers about a deploy, kept in the sandbox itself so that a reset forgets it.
MARKER, MARKER_REGION = "/trailwarden-sandbox/deployed-stack", "us-east-1"


class DeployError(Exception):
    """The deploy did not happen, or stopped half-way. `problems` are ready to be read; `traceback` is the program's."""

    def __init__(self, problems: Sequence[str], *, traceback: str = "") -> None:
        super().__init__("\n".join(problems))
        self.problems, self.traceback = tuple(problems), traceback


@dataclass(frozen=True)
class Progress:
    """A custom resource is there: its Pulumi type, logical name, how long it took, and its number in the deploy."""

    token: str
    name: str
    ms: float
    count: int


@dataclass(frozen=True)
class Deployment:
    """What a deploy made: the number of custom resources and the program's exports.

    `said` is what the program printed while it ran.
    """

    resources: int
    outputs: dict[str, Any]
    said: str = ""


def deploy(
    stack_file: Path,
    *,
    endpoint_url: str,
    reset: bool = False,
    on_progress: Callable[[Progress], None] | None = None,
    program: Path | None = None,
) -> Deployment:
    """Run the Pulumi program for a stack file against the sandbox; every resource really is created there.

    `stack_file` is `Pulumi.<stack>.yaml` with the `Pulumi.yaml` beside it. The program is this clone's, unless
    `program` names another directory. No state is kept, so a second deploy is refused; `reset` empties the sandbox
    first. Raises NotLoopback for an endpoint that is not on this machine, and DeployError for all that can go wrong.
    """
    client = SandboxClient(endpoint_url)
    try:
        config = _stack_config.read(stack_file)
    except _stack_config.StackConfigError as error:
        raise DeployError([str(error)]) from error
    if partition_of(config.region) not in {PARTITION, None}:  # an unknown region is for the program to refuse
        raise DeployError([f"aws:region: {config.region}: the sandbox only has the partition {PARTITION!r}"])
    program = program or ROOT
    if not (program / "__main__.py").is_file():
        raise DeployError([f"{program}: the Pulumi program (__main__.py) is not there; work in a clone of the project"])
    if reset:
        client.reset()
    _claim(client, stack=config.stack, endpoint_url=endpoint_url)
    order = {
        "program": str(program),
        "project": config.project,
        "stack": config.stack,
        "config": config.config,
        "secrets": config.secrets,
        "region": config.region,
        "endpoint_url": endpoint_url,
    }
    count = 0

    def tell(event: dict[str, Any]) -> None:
        nonlocal count
        count += 1
        if on_progress:
            on_progress(Progress(**event, count=count))

    result = run_worker(order, tell=tell)
    if "failed" in result:
        raise _error(result["failed"], client)
    done = result["done"]
    return Deployment(done["resources"], done["outputs"], result["said"])


def _claim(client: SandboxClient, *, stack: str, endpoint_url: str) -> None:
    """Note in the sandbox that it now holds a deploy. Raises DeployError if it already does."""
    ssm = client.aws("ssm", region=MARKER_REGION)
    try:
        ssm.put_parameter(Name=MARKER, Value=stack, Type="String", Overwrite=False)
    except ClientError as error:
        if error.response.get("Error", {}).get("Code") != "ParameterAlreadyExists":
            raise DeployError([f"the sandbox refused: {error}"]) from error
        there = ssm.get_parameter(Name=MARKER)["Parameter"]["Value"]
        problem = f"stack {there!r} is already deployed in this sandbox, which keeps no state to update it from"
        raise DeployError([f"{problem}; add --reset to empty the sandbox and deploy anew"]) from error
    except BotoCoreError as error:
        raise DeployError([no_answer(endpoint_url)]) from error


def _error(failed: dict[str, Any], client: SandboxClient) -> DeployError:
    """The error of a deploy that stopped. If nothing was made, the next one needs no reset."""
    problems = list(failed["problems"])
    if failed["begun"]:
        problems.append("what was made before that stays in the sandbox; add --reset to the next deploy")
    else:
        client.aws("ssm", region=MARKER_REGION).delete_parameter(Name=MARKER)
    return DeployError(problems, traceback=failed.get("traceback", ""))
