"""`trailwarden check`: is everything in place, and does it reach somebody?"""

from __future__ import annotations

from collections.abc import Callable, Sequence
from dataclasses import replace
from pathlib import Path

import account
from account import Access, CouldNotLook, Found, Identity, Session
from operate.checking import document
from operate.checking.audit import Audit, audit
from operate.checking.culprits import with_culprits
from operate.checking.line import Findings, Line, exit_code
from operate.checking.resend import resend as send_again
from operate.checking.screen import progress, show
from operate.checking.site import Site, stacks, trails_named
from operate.checking.survey import take
from operate.console import note, refuse, say
from operate.reach import NotReachedError, reach
from settings import Settings, SettingsError, find_project, stack_file_path
from settings.checks import region as known_region
from settings.problems import CheckError

FORMATS = ("text", "json", "junit", "markdown", "sarif")


def check(
    *,
    stack: str | None = None,
    regions: Sequence[str] = (),
    all_regions: bool = False,
    output: str = "text",
    all_lines: bool = False,
    resend: str | None = None,
    access: Access | None = None,
) -> int:
    """Read an account back and say what does not hold.

    With `stack` that stack against its stack file; without, the account and whatever stacks are in it. Returns the exit
    code: 0 all holds, 1 something is wrong, 2 bad input or AWS did not let us look (1 if both).
    """
    if output not in FORMATS:
        return refuse(f"--format {output}: not one of {', '.join(FORMATS)}")
    if regions and all_regions:
        return refuse("--region and --all-regions exclude each other")
    for region in regions:
        try:
            known_region(region)
        except CheckError as error:
            return refuse(f"--region: {error}")
    settings: Settings | None = None
    if stack is not None:
        try:
            settings = Settings.from_stack_file(stack_file_path(find_project(Path.cwd()), stack))
        except SettingsError as error:
            return refuse(str(error))
    try:
        session, who = reach(access or Access(), region=settings.home_region if settings else None)
    except NotReachedError as error:
        return refuse(str(error))
    with progress() as tell:
        where = _regions(session, settings, regions, all_regions=all_regions)
        if isinstance(where, CouldNotLook):
            note(f"{where}: looking at {session.region or account.FALLBACK_REGION} only; name others with --region")
        done = _look(session, who, where, settings, stack, tell)
    if resend is not None:
        names = (stack,) if stack else stacks(done.survey)
        sites = [Site(stack=name, survey=done.survey, settings=settings) for name in names]
        return send_again(resend, sites, session)
    _print(done, output, all_lines=all_lines, stack=stack)
    return exit_code(done.lines)


def _look(
    session: Session,
    who: Identity,
    where: tuple[str, ...] | CouldNotLook,
    settings: Settings | None,
    stack: str | None,
    tell: Callable[[str], None],
) -> Audit:
    regions = (session.region or account.FALLBACK_REGION,) if isinstance(where, CouldNotLook) else where
    survey = take(session, who, regions=regions, stack=stack, trails_named=trails_named(settings), progress=tell)
    done = audit(survey, settings=settings, stack=stack)
    if isinstance(where, CouldNotLook):
        done = replace(done, lines=(_blind_regions(where), *done.lines))
    if any(line.state == "fails" for line in done.lines):
        tell("who did it")
        done = replace(done, lines=tuple(with_culprits(done.lines, session, now=survey.at)))
    return done


def _regions(
    session: Session, settings: Settings | None, given: Sequence[str], *, all_regions: bool
) -> tuple[str, ...] | CouldNotLook:
    """Where to look: what was said; else where the stack is; else wherever the account may be used."""
    if given:
        return tuple(dict.fromkeys(given))
    if settings is not None and not all_regions:
        return tuple(dict.fromkeys([settings.home_region, *settings.home_regions, *settings.regions]))
    told = account.enabled_regions(session)
    return told.value if isinstance(told, Found) else told if isinstance(told, CouldNotLook) else ()


def _blind_regions(why: CouldNotLook) -> Line:
    findings = Findings(where="")
    findings.blind("account.looked", "which regions are enabled", why)
    return findings.found[0]


def _print(done: Audit, output: str, *, all_lines: bool, stack: str | None) -> None:
    match output:
        case "json":
            say(document.dumped(document.as_json(done)))
        case "junit":
            say(document.as_junit(done))
        case "markdown":
            say(document.as_markdown(done))
        case "sarif":
            file = f"Pulumi.{stack}.yaml" if stack else "Pulumi.yaml"
            say(document.dumped(document.as_sarif(done, file=file)))
        case _:
            show(done, all_lines=all_lines)
