"""The inventory: what was deployed, written down for the guardian to compare with what there is."""

import base64
import hashlib
import json
import zlib
from collections.abc import Iterable, Sequence
from typing import Any

import pulumi
import pulumi_aws as aws

from components._inventory_things import Thing
from components.home import Home
from components.ledger import Ledger
from settings.aws_sizes import MAX_ITEM

VERSION = 1
PART = "inventory"
MOST_BYTES = MAX_ITEM - 9_600
"""Keys and names of attributes count in an item, too."""
PLAIN_BYTES = 200_000
"""Longer documents are packed. Shorter ones a person can read, in the table and in a preview."""


def text(things: Iterable[dict[str, Any]]) -> str:
    """The document: the same things make the same text, whatever their order."""
    ordered = sorted(things, key=lambda thing: (thing["kind"], thing["region"], thing.get("of", ""), thing["name"]))
    return json.dumps({"version": VERSION, "things": ordered}, separators=(",", ":"), sort_keys=True)


def attributes(document: str) -> dict[str, str]:
    """The document as attributes of an item: `document`, or `packed` (zlib, in base64), a tenth as long.

    Raises pulumi.RunError where it would not fit even so. Another version of zlib may pack otherwise; the digest that
    counts is that of the text.
    """
    text = document.encode()
    if len(text) <= PLAIN_BYTES:
        return {"document": document}
    packed = base64.b64encode(zlib.compress(text, 9)).decode()
    if len(packed) > MOST_BYTES:
        raise pulumi.RunError(
            f"the inventory of this stack is {len(packed):,} bytes long and may be {MOST_BYTES:,}: "
            "watch fewer event sets, or fewer regions"
        )
    return {"packed": packed}


class Inventory(pulumi.ComponentResource):
    """One item in the ledger's table, under a key that the guardian's own role cannot write.

    It is made after all that it lists, and so an update writes it last. `digest` is that of its text: the schedule
    tells it to the guardian at each sweep, so that whoever weakens the inventory has to change the schedule as well.
    Writing an item is no management event, so no trail would tell of it.
    """

    digest: pulumi.Output[str]

    def __init__(
        self,
        name: str,
        *,
        home: Home,
        ledger: Ledger,
        trail_arn: pulumi.Input[str],
        things: Sequence[Thing],
        opts: pulumi.ResourceOptions | None = None,
    ) -> None:
        super().__init__("trailwarden:index:Inventory", name, {}, opts)
        known: pulumi.Output[Sequence[dict[str, Any]]] = pulumi.Output.all(*things)
        document = known.apply(text)
        aws.dynamodb.TableItem(
            name,
            region=home.region,
            table_name=ledger.table.name,
            hash_key="trail",
            range_key="id",
            item=pulumi.Output.all(trail_arn=trail_arn, document=document).apply(
                lambda facts: json.dumps(
                    {
                        "trail": {"S": PART},
                        "id": {"S": facts["trail_arn"]},
                        **{name: {"S": value} for name, value in attributes(facts["document"]).items()},
                    }
                )
            ),
            opts=pulumi.ResourceOptions(parent=self),
        )
        self.digest = document.apply(lambda known: hashlib.sha256(known.encode()).hexdigest())
        self.register_outputs({"digest": self.digest})
