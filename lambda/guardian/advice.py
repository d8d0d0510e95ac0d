"""What a person should do next: a sentence each, with the command or page that does it."""

from datetime import datetime

from common import links
from common.actor import Actor, short_key
from common.places import Trail
from common.record import region_of
from common.steps import Step, contain
from common.text import error_name

from guardian.decide import DOCUMENT, DRIFTS, HARMLESS, Finding, Outcome
from guardian.environment import Environment


def next_steps(finding: Finding, actor: Actor | None, *, environment: Environment, now: datetime) -> list[Step]:
    """What to do, the most urgent first. `actor` is None when the message tells nothing of who it was."""
    steps = _trail_steps(finding, environment)
    if finding.outcome in DOCUMENT or finding.outcome is Outcome.NO_SETUP:
        return steps  # whoever the message tells of did something else
    if finding.culprit_is_unknown or actor is None:
        steps.append(_find_out_who(finding, environment.trail))
    if actor is None:
        return steps
    steps.append(contain(actor, place=environment.trail, now=now))
    if actor.key_id:
        trail = environment.trail
        region = region_of(finding.cause.record, trail)
        link = links.history_link(trail, key="AccessKeyId", value=actor.key_id, region=region)
        how = link or links.look_up(trail, key="AccessKeyId", value=actor.key_id, region=region)
        where = "this region" if region == trail.region else region
        steps.append(Step(f"See what else key {short_key(actor.key_id)} did in {where}:", (how,)))
    if finding.outcome is Outcome.CHANGED and finding.cause.operation not in HARMLESS and not finding.left:
        steps.append(_see_what_else(environment))
    return steps


def _see_what_else(environment: Environment) -> Step:
    if environment.is_adopted:
        return Step("See whether anything else changed:", links.trail_settings(environment.trail))
    again = links.pulumi("up --refresh", stack=environment.stack)
    return Step("See whether anything else changed; the preview shows it:", (again,))


def _trail_steps(finding: Finding, environment: Environment) -> list[Step]:
    trail, role = environment.trail, environment.role
    start = Step("Start the trail by hand:", (links.start_logging(trail),))
    match finding.outcome:
        case Outcome.STILL_STOPPED:
            return [start]
        case Outcome.NOT_RESTORED:
            attempt = finding.attempt
            if attempt and attempt.error_code and "Denied" in attempt.error_code:
                return [
                    start,
                    Step(f"Then see who took StartLogging from role {role.name}: its policies, a boundary, an SCP."),
                ]
            return [start]
        case Outcome.UNREADABLE:
            code = error_name(finding.after.error_code) if finding.after else ""
            return [
                Step("Look, and start it if it is stopped:", (links.trail_status(trail), links.start_logging(trail))),
                Step(f"Then see why role {role.name} may not look at the trail ({code})."),
            ]
        case Outcome.GONE if environment.is_adopted:
            what = (
                "Have it made again by its owner, under its name; bucket and log group are still there. "
                "What it should be:"
            )
            return [Step(what, (links.parameter(environment.wanted, trail),))]
        case Outcome.GONE:
            again = tuple(links.pulumi(verb, stack=environment.stack) for verb in ("refresh", "up"))
            return [Step("Make it again (DeleteTrail leaves the bucket and the log group as they are):", again)]
        case Outcome.NOT_PUT_BACK | Outcome.DRIFTED | Outcome.EXTENDED:
            how = [_make_it_as_wanted(environment)]
            denied = [repair for repair in finding.repairs if "Denied" in repair.error_code]
            if denied:
                how.append(Step(f"Then see who took {denied[0].call} from role {role.name}: policies, boundary, SCP."))
            return how
        case Outcome.NO_SETUP:
            return [Step(f"See why role {role.name} may not read the trail ({error_name(finding.problems[0])}).")]
        case outcome if outcome in DOCUMENT:
            again = links.pulumi("up --refresh", stack=environment.stack)
            return [
                Step("See who wrote the desired state last:", (links.parameter_history(environment.wanted, trail),)),
                Step("Write it anew:", (again,)),
            ]
        case _:
            return []


def _make_it_as_wanted(environment: Environment) -> Step:
    if environment.is_adopted:
        what = "Change it back; or if it is meant, change trail.baseline in the stack file. What the trail is now:"
        return Step(what, links.trail_settings(environment.trail))
    again = links.pulumi("up --refresh", stack=environment.stack)
    return Step("Make the trail as the stack says; the preview shows what changed:", (again,))


def _find_out_who(finding: Finding, trail: Trail) -> Step:
    operation = "DeleteTrail" if finding.outcome is Outcome.GONE else "StopLogging"
    if finding.outcome in DRIFTS:
        operation = str(finding.drifts[0].field.call)
    link = links.history_link(trail, key="EventName", value=operation)
    command = links.look_up(trail, key="EventName", value=operation)
    return Step("See who it was (Event history knows it some minutes after the call):", (link or command,))
