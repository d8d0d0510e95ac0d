"""The guardian's ledger: what was told already, so that many messages about one thing make one mail."""

import pulumi
import pulumi_aws as aws

from components.home import Home

UNSETTLED = "unsettled"
EXPIRES_AT = "expiresAt"


class Ledger(pulumi.ComponentResource):
    """A table of incidents. It is no evidence: it may be lost, and people are then told once too often.

    Its key is DynamoDB's own and not one of ours, so that whoever disables our keys does not silence the guardian.
    """

    table: aws.dynamodb.Table

    def __init__(self, name: str, *, home: Home, opts: pulumi.ResourceOptions | None = None) -> None:
        super().__init__("trailwarden:index:Ledger", name, {}, opts)
        self.table = aws.dynamodb.Table(
            name,
            region=home.region,
            billing_mode="PAY_PER_REQUEST",
            hash_key="trail",
            range_key="id",
            attributes=[
                aws.dynamodb.TableAttributeArgs(name=attribute, type="S") for attribute in ("trail", "id", UNSETTLED)
            ],
            # Sparse: only what is not over carries the attribute, so the sweep reads little however much has happened.
            local_secondary_indexes=[
                aws.dynamodb.TableLocalSecondaryIndexArgs(name=UNSETTLED, range_key=UNSETTLED, projection_type="ALL")
            ],
            ttl=aws.dynamodb.TableTtlArgs(attribute_name=EXPIRES_AT, enabled=True),
            point_in_time_recovery=aws.dynamodb.TablePointInTimeRecoveryArgs(enabled=True),
            server_side_encryption=aws.dynamodb.TableServerSideEncryptionArgs(enabled=True),
            tags=home.tags,
            opts=pulumi.ResourceOptions(parent=self),
        )
        self.register_outputs({"tableName": self.table.name})
