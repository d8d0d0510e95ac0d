"""The inventory: every thing of ours with its facts, as one item of the ledger's table, written by deployments only.

A thing is one alarm, filter, topic and so on. Its facts are named in the words of `reading`, which asks AWS for them.
The item lies in a part of the table that the guardian's role cannot write, and the schedule's own message says what the
document's digest is: whoever weakens the one would have to change the other as well.
"""

import base64
import hashlib
import json
import zlib
from collections.abc import Callable, Iterator, Mapping
from dataclasses import dataclass
from typing import Any

from common.retry import Clock
from common.table import Table

VERSION = 1
PART = "inventory"
"""The value of the table's first key. The second is the trail's ARN."""
DOCUMENT = "document"
PACKED = "packed"
"""The document of a large stack: zlib, in base64. `components/inventory.py` decides which of the two there is."""
MOST_BYTES = 8_000_000
"""More than any deployment writes, and little enough for the function's memory: whoever can write the item must not be
able to end the sweep with a few bytes that unpack to gigabytes."""
KINDS = (
    "alarm",
    "bucket",
    "filter",
    "function",
    "insight-rule",
    "key",
    "log-group",
    "mutes",
    "queue",
    "role",
    "rule",
    "schedule",
    "subscription",
    "topic",
)
NEEDED = frozenset({"alarm", "filter", "function", "rule", "topic"})
"""Kinds of which there is one in every deployment with a guardian. In code, as the floor of the desired state is."""


@dataclass(frozen=True, kw_only=True)
class Thing:
    """One thing of ours. `name` is what AWS calls it by (an ARN for topics and keys, a URL for queues).

    `of` is what it belongs to: the log group of a filter, the topic of a subscription. `facts` are what it should be,
    by name; a fact that is not named may be anything. `mends` are the facts that the guardian's role may put back, and
    `itself` where it may make the thing anew.
    """

    kind: str
    name: str
    region: str
    of: str = ""
    facts: Mapping[str, Any]
    mends: frozenset[str] = frozenset()

    @property
    def key(self) -> str:
        """Which thing it is, whatever its facts are."""
        return "#".join(part for part in (self.kind, self.region, self.of, self.name) if part)

    @property
    def short(self) -> str:
        """What people call it: an ARN or a URL without what all of them have in common."""
        if self.kind in ("topic", "key"):
            return self.name.rpartition(":")[2].removeprefix("key/")
        if self.kind == "subscription":
            return f"{self.name} of {self.of.rpartition(':')[2]}"
        return self.name.rpartition("/")[2] if self.kind == "queue" else self.name


@dataclass(frozen=True, kw_only=True)
class Inventory:
    """What a deployment wrote down. `digest` is that of its text."""

    things: tuple[Thing, ...]
    digest: str


@dataclass(frozen=True, kw_only=True)
class NoInventory:
    """Why there is none to compare with: what is wrong with the document, or with which code AWS refused it.

    `digest` is that of the text, "" when there is no text.
    """

    problems: tuple[str, ...] = ()
    error_code: str = ""
    digest: str = ""


def read(dynamodb: Callable[[], Any], *, table: str, trail_arn: str, clock: Clock) -> Inventory | NoInventory:
    """The inventory as it is now."""
    part = Table(dynamodb, name=table, part=PART, clock=clock)
    found = part.get(trail_arn)
    if found is None:
        return NoInventory(error_code=part.error_code)
    text, packed = found.get(DOCUMENT), found.get(PACKED)
    if isinstance(text, str):
        return parse(text)
    return parse_packed(packed) if isinstance(packed, str) else NoInventory(problems=("there is none",))


def parse_packed(packed: str) -> Inventory | NoInventory:
    """A document that was packed. What cannot be unpacked has the digest of what there is."""
    unpacking = zlib.decompressobj()
    try:
        text = unpacking.decompress(base64.b64decode(packed, validate=True), MOST_BYTES).decode()
    except (ValueError, zlib.error):
        return NoInventory(problems=("it cannot be unpacked",), digest=digest_of(packed))
    if not unpacking.eof:
        return NoInventory(problems=("it is cut off, or larger than any",), digest=digest_of(packed))
    return parse(text)


def digest_of(text: str) -> str:
    """SHA-256 of a document's text, in hexadecimal."""
    return hashlib.sha256(text.encode("utf-8", "backslashreplace")).hexdigest()


def parse(text: str) -> Inventory | NoInventory:
    """A document as JSON text. Everything that is wrong with it is told at once; nothing is guessed."""
    digest = digest_of(text)
    try:
        document = json.loads(text)
    except (ValueError, RecursionError):
        return NoInventory(problems=("it is not JSON",), digest=digest)
    if not isinstance(document, dict) or not isinstance(document.get("things"), list):
        return NoInventory(problems=("it is not an object with a list of things",), digest=digest)
    problems = list(_problems(document))
    if problems:
        return NoInventory(problems=tuple(problems), digest=digest)
    return Inventory(things=tuple(_thing(raw) for raw in document["things"]), digest=digest)


def _problems(document: Mapping[str, Any]) -> Iterator[str]:
    if document.get("version") != VERSION:
        yield f"version: must be {VERSION}"
    things = document["things"]
    for place, raw in enumerate(things):
        if not isinstance(raw, dict) or raw.get("kind") not in KINDS:
            yield f"things[{place}]: must be of a kind among {', '.join(KINDS)}"
        elif not (isinstance(raw.get("name"), str) and isinstance(raw.get("region"), str)):
            yield f"things[{place}]: must have a name and a region"
        elif not isinstance(raw.get("facts"), dict):
            yield f"things[{place}]: must have facts"
    has = {raw.get("kind") for raw in things if isinstance(raw, dict)}
    if missing := sorted(NEEDED - has):
        yield f"things: there is no {', no '.join(missing)}"


def _thing(raw: Mapping[str, Any]) -> Thing:
    mends = raw.get("mends")
    return Thing(
        kind=raw["kind"],
        name=raw["name"],
        region=raw["region"],
        of=str(raw.get("of") or ""),
        facts=raw["facts"],
        mends=frozenset(map(str, mends)) if isinstance(mends, list) else frozenset(),
    )
