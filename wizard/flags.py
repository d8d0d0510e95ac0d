"""Turns the texts behind the flags of `setup` into answers, in the shape of an answers file.

Only the notation is read here; whether a value is right is for the settings model to say, and it says it with the
flag's name because the answers know where they were written.
"""

from collections.abc import Mapping, Sequence
from typing import Any

from settings.document import Document, Mark
from settings.problems import Problem, shown
from wizard.questions import EVENT_SETS, QUESTIONS, REMEDIATION, SOURCE_IPS, SUBSCRIBERS, Question

NONE = "none"
"""What empties a list from the command line, where an empty list cannot be written."""

SOURCE = "the command line"


class _UnreadableError(ValueError):
    """A flag's text is not in the notation that `setup --help` shows."""


def answers_from_flags(texts: Mapping[str, str | Sequence[str]]) -> Document:
    """The answers of the flags that were given; `texts` holds one text or several by the key of the question.

    What could not be read is among the document's `problems`.
    """
    given = Document({}, source=SOURCE)
    for question in QUESTIONS:
        if question.key in texts:
            text = texts[question.key]
            given[question.key] = _read(question, text, given.problems)
            given.marks[question.key,] = Mark(question.flag)
    return given


def _read(question: Question, given: str | Sequence[str], problems: list[Problem]) -> Any:
    """The answer behind one flag. Each text is read on its own, so that all that is wrong is said at once."""
    if question is REMEDIATION:
        return {"mode": given}
    if isinstance(given, str):
        return given
    texts = [] if list(given) == [NONE] else list(given)
    if question not in (EVENT_SETS, SOURCE_IPS, SUBSCRIBERS):
        return texts
    sets: dict[str, dict[str, Any]] = {}
    entries: list[dict[str, Any]] = []
    for text in texts:
        try:
            if question is not EVENT_SETS:
                entries.append(_range(text) if question is SOURCE_IPS else _subscriber(text))
            else:
                name, overrides = _event_set(text)
                if name in sets:
                    raise _UnreadableError("this set is given twice")
                sets[name] = overrides
        except _UnreadableError as error:
            problems.append(Problem(question.flag, "", shown(text), str(error)))
    return sets if question is EVENT_SETS else entries


def _event_set(text: str) -> tuple[str, dict[str, Any]]:
    """`NAME` or `NAME:key=value,…` → the name and what is changed about the set."""
    name, _, rest = text.partition(":")
    return name.strip(), _pairs(rest)


def _range(text: str) -> dict[str, Any]:
    """`NAME=CIDR[,key=value…]` → the entry. Several CIDRs of one entry have spaces between them."""
    head, _, rest = text.partition(",")
    name, equals, blocks = head.partition("=")
    cidr = blocks.split()
    if not equals or not cidr:
        raise _UnreadableError("write NAME=CIDR, such as office=203.0.113.0/24")
    return {"name": name.strip(), "cidr": cidr[0] if len(cidr) == 1 else cidr} | _pairs(rest)


def _subscriber(text: str) -> dict[str, Any]:
    """`PROTOCOL=ENDPOINT[,key=value…]` → the entry; `PROTOCOL=secret:NAME` where the endpoint is a secret."""
    head, _, rest = text.partition(",")
    protocol, equals, endpoint = (each.strip() for each in head.partition("="))
    if not equals or not endpoint:
        raise _UnreadableError("write PROTOCOL=ENDPOINT, such as sms=+15555550123")
    secret = endpoint.removeprefix("secret:")
    where = {"endpoint": endpoint} if secret == endpoint else {"endpointSecret": secret}
    return {"protocol": protocol, **where} | _pairs(rest)


def _pairs(rest: str) -> dict[str, Any]:
    """`key=value,key=value` as a dict; what reads as a whole number, as true or as false becomes one."""
    pairs: dict[str, Any] = {}
    for part in filter(None, (each.strip() for each in rest.split(","))):
        key, equals, value = (piece.strip() for piece in part.partition("="))
        if not equals:
            raise _UnreadableError("after the name come pairs such as threshold=10, with commas between")
        if key in pairs:
            raise _UnreadableError(f"{key} is given twice")
        words = {"true": True, "false": False}
        pairs[key] = int(value) if value.removeprefix("-").isdecimal() else words.get(value, value)
    return pairs
