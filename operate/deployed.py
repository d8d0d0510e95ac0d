"""What of a stack runs in an account: its functions and what they are told, found by the stack's tag.

The verbs that act on a living stack begin here. They ask only for what they need, because each has a policy of its own.
"""

from __future__ import annotations

import shlex
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from pathlib import Path

import account
from account import Access, CouldNotLook, Identity, Nothing, Session, name_of, region_of
from operate.reach import NotReachedError, reach
from settings import Settings, SettingsError, find_project, stack_file_path


class NotOpenedError(Exception):
    """The stack could not be reached; the message is for the person."""


@dataclass(frozen=True)
class Target:
    """A living stack, and how to reach its account. The access names a region where there is no stack file."""

    stack: str
    access: Access = field(default_factory=Access)

    @property
    def options(self) -> str:
        """What a command of ours needs to reach it once more: `--stack prod --profile ops`."""
        access = self.access
        given = {"--profile": access.profile, "--region": access.region, "--endpoint-url": access.endpoint_url}
        parts = ["--stack", self.stack, *(part for pair in given.items() if pair[1] for part in pair)]
        return shlex.join(map(str, parts))


@dataclass(frozen=True, kw_only=True)
class Guard:
    """One guardian and the trail it looks after. `mode` is `restore`, `notify` or `dry-run`."""

    function: str
    region: str
    trail_arn: str
    table: str
    mode: str
    role_arn: str
    log_group: str

    @property
    def trail(self) -> str:
        """The trail's name."""
        return name_of(self.trail_arn)


@dataclass(frozen=True, kw_only=True)
class Runner:
    """One function of the stack that is told something by its environment, which is not for printing."""

    name: str
    arn: str
    region: str
    log_group: str
    environment: Mapping[str, str] = field(repr=False)


@dataclass(frozen=True, kw_only=True)
class Deployed:
    """A stack in an account. `settings` is its stack file, None where there is none and the region was named instead.

    `policy` is the file in docs/policies that allows what the verb does.
    """

    stack: str
    policy: str
    session: Session
    identity: Identity
    regions: tuple[str, ...]
    settings: Settings | None
    arns: frozenset[str]
    runners: tuple[Runner, ...]

    @property
    def guards(self) -> tuple[Guard, ...]:
        """The stack's guardians, by the names of their trails."""
        found = [_guard(each) for each in self.runners if "GUARDIAN_ROLE_ARN" in each.environment]
        return tuple(sorted(found, key=lambda each: (each.trail, each.region)))

    @property
    def explainers(self) -> tuple[Runner, ...]:
        """The functions that explain alarms."""
        return tuple(each for each in self.runners if "METRIC_NAMESPACE" in each.environment)


def open_stack(target: Target, *, policy: str) -> Deployed:
    """Find what is deployed of a stack, in the home regions of its stack file, or in the region that was named.

    Needs tag:GetResources and lambda:GetFunctionConfiguration. Raises NotOpenedError.
    """
    stack, region = target.stack, target.access.region
    settings = _settings(stack, must=region is None)
    regions = [region] if region else list(dict.fromkeys(settings.home_regions)) if settings else []
    try:
        session, who = reach(target.access, region=regions[0])
    except NotReachedError as error:
        raise NotOpenedError(str(error)) from error
    tagged = account.Across.of(session.spread(lambda one: account.tagged(session, one, stack), regions))
    if tagged.blind:
        raise NotOpenedError(unseen(f"stack {stack}", tagged.blind[0], policy=policy))
    functions = [each.arn for each in tagged.found if each.kind == "lambda:function"]
    if not tagged.found:
        where = ", ".join(regions)
        raise NotOpenedError(
            f"nothing of stack {stack} is in {where} of account {who.account}: is this the right account? "
            "--profile and --region say where to look"
        )
    return Deployed(
        stack=stack,
        policy=policy,
        session=session,
        identity=who,
        regions=tuple(regions),
        settings=settings,
        arns=frozenset(each.arn for each in tagged.found),
        runners=tuple(_runners(session, functions, policy)),
    )


def unseen(what: str, why: CouldNotLook, *, policy: str) -> str:
    """A person's line about what we were not let look at, or do. What is denied is in the verb's own ready policy."""
    fix = f"docs/policies/{policy} allows all that this verb does" if why.why == "denied" else why.fix
    return f"{what}: {why}" + (f"; {fix}" if fix else "")


def _settings(stack: str, *, must: bool) -> Settings | None:
    try:
        path = stack_file_path(find_project(Path.cwd()), stack)
    except SettingsError as error:
        if must:
            raise NotOpenedError(str(error)) from error
        return None
    try:
        return Settings.from_stack_file(path)
    except SettingsError as error:
        if not must:
            return None
        hint = "" if path.exists() else "\n--region says where the stack is, where there is no stack file"
        raise NotOpenedError(f"{error}{hint}") from error


def _runners(session: Session, arns: Sequence[str], policy: str) -> list[Runner]:
    def read(arn: str) -> Runner | None:
        told = session.ask(
            "lambda",
            "GetFunctionConfiguration",
            region=region_of(arn),
            what=f"function {name_of(arn)}",
            none_if=("ResourceNotFoundException",),  # the tagging API remembers the dead for a while
            params={"FunctionName": arn},
        )
        if isinstance(told, CouldNotLook):
            raise NotOpenedError(unseen(f"function {name_of(arn)}", told, policy=policy))
        if isinstance(told, Nothing):
            return None
        raw = told.value
        name = str(raw["FunctionName"])
        return Runner(
            name=name,
            arn=str(raw["FunctionArn"]),
            region=region_of(arn),
            log_group=str((raw.get("LoggingConfig") or {}).get("LogGroup") or f"/aws/lambda/{name}"),
            environment=dict((raw.get("Environment") or {}).get("Variables") or {}),
        )

    return [each for each in session.spread(read, sorted(arns)) if each]


def _guard(runner: Runner) -> Guard:
    told = runner.environment
    return Guard(
        function=runner.name,
        region=runner.region,
        trail_arn=told.get("TRAIL_ARN", ""),
        table=name_of(told.get("LEDGER_ARN", "")),
        mode=told.get("MODE", ""),
        role_arn=told.get("GUARDIAN_ROLE_ARN", ""),
        log_group=runner.log_group,
    )
