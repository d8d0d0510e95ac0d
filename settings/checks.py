"""What a single answer must look like.

One function per kind of value. Each takes what a person wrote and returns the clean value, or raises `CheckError` (a
`ValueError`) whose text can stand below a question as it is. The settings model and the wizard use the same functions.
"""

import re
from collections.abc import Iterable

import filterpattern
from catalog import EVENT_SETS
from settings import facts, limits
from settings.problems import CheckError, nearest
from settings.regions import REGIONS, UNSUPPORTED_PARTITIONS, partition_of

SEVERITIES = ("critical", "high", "medium", "low")
WEEKDAYS = ("monday", "tuesday", "wednesday", "thursday", "friday", "saturday", "sunday")
MATCHES = ("inside", "outside")
REMEDIATION_MODES = ("restore", "notify", "off")
EVIDENCE_MODES = ("keep", "disposable")
TRAIL_MODES = ("create", "adopt")
TRAIL_LAYOUTS = ("multi-region", "per-region")
PROTOCOLS = ("email-json", "sms", "sqs", "lambda", "https", "http")
BACKOFFS = ("linear", "arithmetic", "geometric", "exponential")
GETS = ("everything", "alerts", "last-resort")

_LOCAL_PART = re.compile(r"[A-Za-z0-9!#$%&'*+/=?^_`{|}~-]+(?:\.[A-Za-z0-9!#$%&'*+/=?^_`{|}~-]+)*")
_DOMAIN = re.compile(r"(?:[A-Za-z0-9](?:[A-Za-z0-9-]{0,61}[A-Za-z0-9])?\.)+[A-Za-z](?:[A-Za-z0-9-]{0,61}[A-Za-z0-9])")
_IN_BRACKETS = re.compile(r"<([^<>\s]+@[^<>\s]+)>")
_INTEGER = re.compile(r"[+-]?[0-9]{1,30}")


def stack_name(raw: str) -> str:
    """The name of a Pulumi stack without organisation and project: `prod`."""
    name = raw.strip()
    allowed = f"letters, digits, '.', '_' and '-', at most {limits.MAX_STACK_NAME} characters"
    if "/" in name and limits.STACK_NAME.fullmatch(last := name.rsplit("/", 1)[-1]):
        raise CheckError("is more than the name of a stack", value=raw, allowed=allowed, suggestion=last)
    if not limits.STACK_NAME.fullmatch(name) or len(name) > limits.MAX_STACK_NAME or not name.strip("."):
        raise CheckError("cannot be the name of a stack", value=raw, allowed=allowed)
    return name


def region(raw: str) -> str:
    """The code of an AWS region in a supported partition: `eu-west-1`."""
    code = raw.strip()
    if partition_of(code):
        return code
    for prefix, (partition, title) in UNSUPPORTED_PARTITIONS.items():
        if code.startswith(prefix):
            raise CheckError(
                f"is a region of the partition {partition} ({title}), which trailwarden does not support",
                value=raw,
                allowed=f"regions of the partitions {' and '.join(REGIONS)}",
            )
    titles = {title: known for regions in REGIONS.values() for known, title in regions.items()}
    places = {title.partition("(")[2].removesuffix(")"): known for title, known in titles.items()}
    codes = list(titles.values())
    near = nearest(code, codes) or (places | titles).get(nearest(code, [*places, *titles]) or "")
    raise CheckError("is not an AWS region", value=raw, allowed="a region's code, such as eu-west-1", suggestion=near)


def email(raw: str) -> str:
    """A mail address that SNS can send to: `security@example.com`. Its case is kept."""
    address = raw.strip()
    local, at, domain = address.rpartition("@")
    if (
        at
        and _LOCAL_PART.fullmatch(local)
        and len(local) <= limits.MAX_EMAIL_LOCAL_PART
        and _DOMAIN.fullmatch(domain)
        and len(address) <= limits.MAX_EMAIL
    ):
        return address
    raise CheckError(
        "is not a mail address",
        value=raw,
        allowed="one address such as security@example.com",
        suggestion=_probable_email(address),
    )


def _probable_email(text: str) -> str | None:
    """The address inside `Name <address>`, `mailto:address` or one with a slip in its punctuation."""
    inside = _IN_BRACKETS.search(text)
    repaired = (inside[1] if inside else text).removeprefix("mailto:").replace(",", ".").replace(" ", "").rstrip(".;")
    try:
        return email(repaired) if repaired != text else None
    except CheckError:
        return None


def phone_number(raw: str) -> str:
    """A telephone number that SNS can send to: `+15555550123`. Blanks, dots, hyphens and brackets are dropped."""
    number = re.sub(r"[\s().-]", "", raw)
    if limits.PHONE_NUMBER.fullmatch(number):
        return number
    international = "+" + number[2:] if number.startswith("00") else None
    raise CheckError(
        "is not a telephone number",
        value=raw,
        allowed="'+', country code and number, such as \"+15555550123\"",
        suggestion=international if international and limits.PHONE_NUMBER.fullmatch(international) else None,
    )


def event_set(raw: str) -> str:
    """The name of an event set that a stack can choose: `trail-changes`."""
    name = raw.strip()
    choices = available_event_sets()
    if name in choices:
        return name
    allowed = f"the {len(choices)} names that `trailwarden sets` lists"  # in one line nobody would read them
    raise CheckError("is not an event set", value=raw, allowed=allowed, suggestion=nearest(name, choices))


def available_event_sets() -> tuple[str, ...]:
    """The event sets that a stack can choose, in the catalogue's order: those whose facts a deployment can give."""
    return tuple(name for name, entry in EVENT_SETS.items() if facts.is_known(entry))


def watch_name(raw: str) -> str:
    """The name of a custom set or of a source-IP entry: lower-case words joined by hyphens, `head-office`."""
    name = raw.strip()
    if name == "secure":  # as the only name it would stand where Pulumi writes an encrypted value
        raise CheckError("is what Pulumi calls an encrypted value", value=raw, allowed="another name")
    if limits.WATCH_NAME.fullmatch(name) and len(name) <= limits.MAX_WATCH_NAME:
        return name
    kebab = re.sub(r"[^a-z0-9]+", "-", name.lower()).strip("-")
    raise CheckError(
        "cannot be a name here",
        value=raw,
        allowed="lower-case letters, digits and single hyphens, first a letter, "
        f"at most {limits.MAX_WATCH_NAME} characters",
        suggestion=kebab if limits.WATCH_NAME.fullmatch(kebab) and len(kebab) <= limits.MAX_WATCH_NAME else None,
    )


def pattern(raw: str) -> str:
    """A filter pattern that CloudWatch Logs accepts. The message draws a caret below the place that is wrong."""
    if len(raw) > filterpattern.MAX_PATTERN_LENGTH:
        raise CheckError(
            f"has {len(raw):,} characters",
            allowed=f"at most {filterpattern.MAX_PATTERN_LENGTH:,} characters, the limit of CloudWatch Logs",
        )
    try:
        filterpattern.compile(raw)
    except filterpattern.PatternError as error:
        raise CheckError(str(error)) from error
    return raw


def cidr_blocks(raw: str, *, match: str = "inside") -> tuple[str, ...]:
    """Addresses and blocks, with commas or blanks between them, that fit one filter pattern together."""
    blocks = split_blocks(raw)
    source_ip_pattern(blocks, match=match)
    return blocks


def split_blocks(raw: str) -> tuple[str, ...]:
    """The words of a text with commas or blanks between them."""
    return tuple(block for block in re.split(r"[,\s]+", raw) if block)


def source_ip_pattern(blocks: Iterable[str], *, match: str) -> str:
    """The filter pattern for calls from inside or outside these blocks."""
    blocks = list(blocks)
    if not any(blocks):
        raise CheckError("is empty", allowed="an address or a block such as 203.0.113.0/24")
    try:
        return filterpattern.cidr(blocks, match="outside" if match == "outside" else "inside")
    except ValueError as error:  # filterpattern's CidrError; its text already names the block and the remedy
        raise CheckError(str(error)) from error


THRESHOLD = f"a whole number of events, {limits.MIN_THRESHOLD} to {limits.MAX_THRESHOLD:,}"
PERIOD = (
    f"a whole number of seconds, {limits.MIN_PERIOD_S} to {limits.MAX_PERIOD_S:,}, in steps of {limits.PERIOD_STEP_S}"
)
RETENTION = f"a number of days: {', '.join(map(str, limits.RETENTION_DAYS))}"


def threshold(raw: int | str) -> int:
    """How many matching events within one period raise the alarm."""
    return number(raw, at_least=limits.MIN_THRESHOLD, at_most=limits.MAX_THRESHOLD, allowed=THRESHOLD)


def period(raw: int | str) -> int:
    """The length of one period in seconds."""
    seconds = number(raw, at_least=limits.MIN_PERIOD_S, at_most=limits.MAX_PERIOD_S, allowed=PERIOD)
    if seconds % limits.PERIOD_STEP_S:
        below = seconds - seconds % limits.PERIOD_STEP_S
        problem = f"must be a multiple of {limits.PERIOD_STEP_S}"
        raise CheckError(problem, value=raw, allowed=PERIOD, suggestion=str(below))
    return seconds


def retention_days(raw: int | str) -> int:
    """How long CloudWatch Logs keeps an event, in days."""
    days = number(raw, at_least=limits.RETENTION_DAYS[0], at_most=limits.RETENTION_DAYS[-1], allowed=RETENTION)
    if days in limits.RETENTION_DAYS:
        return days
    longer = next(each for each in limits.RETENTION_DAYS if each > days)
    raise CheckError(
        "is not a time that CloudWatch Logs offers",
        value=raw,
        allowed=RETENTION,
        suggestion=str(longer),  # the longer neighbour: nobody loses logs by a slip
    )


def number(raw: int | str, *, at_least: int, at_most: int, allowed: str) -> int:
    """A whole number between two others, of which `allowed` tells."""
    if isinstance(raw, str) and not _INTEGER.fullmatch(raw.strip()):
        raise CheckError("is not a whole number", value=raw, allowed=allowed)
    number = int(raw)
    if number < at_least:
        raise CheckError(f"must be at least {at_least}", value=number, allowed=allowed)
    if number > at_most:
        raise CheckError(f"must be at most {at_most:,}", value=number, allowed=allowed)
    return number


def severity(raw: str) -> str:
    """How loud a watch is."""
    return one_of(raw, SEVERITIES)


def match(raw: str) -> str:
    """Whether calls from inside or from outside the blocks are counted."""
    return one_of(raw, MATCHES)


def weekday(raw: str) -> str:
    """A day of the week."""
    return one_of(raw, WEEKDAYS)


def remediation_mode(raw: str) -> str:
    """What happens when somebody stops the trail: restore, notify or off."""
    return one_of(raw, REMEDIATION_MODES)


def evidence(raw: str) -> str:
    """What becomes of the logs when the stack is destroyed: keep or disposable."""
    return one_of(raw, EVIDENCE_MODES)


def trail_mode(raw: str) -> str:
    """Where the trail comes from: create or adopt."""
    return one_of(raw, TRAIL_MODES)


def trail_layout(raw: str) -> str:
    """One trail for all regions, or one in each: multi-region or per-region."""
    return one_of(raw, TRAIL_LAYOUTS)


def protocol(raw: str) -> str:
    """The SNS protocol of a subscriber that is not a person's plain mail."""
    name = raw.strip()
    if name == "email":
        raise CheckError("is plain mail: such addresses belong under emails", value=raw, allowed=", ".join(PROTOCOLS))
    return one_of(raw, PROTOCOLS)


def backoff(raw: str) -> str:
    """How the delays between retries grow."""
    return one_of(raw, BACKOFFS)


def gets(raw: str) -> str:
    """What a subscriber is told: everything, alerts or last-resort."""
    return one_of(raw, GETS)


def one_of(raw: str, options: tuple[str, ...]) -> str:
    """One of a few words, blanks around it dropped."""
    word = raw.strip()
    if word in options:
        return word
    raise CheckError(
        "is not one of the choices", value=raw, allowed=", ".join(options), suggestion=nearest(word, options)
    )
