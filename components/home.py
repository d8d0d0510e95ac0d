"""Where something of a stack lives: account, partition, region."""

from collections.abc import Mapping
from dataclasses import dataclass, field, replace

import pulumi
import pulumi_aws as aws

from components._tags import tags, trail_tags
from settings.telling import RUNBOOKS


@dataclass(frozen=True, kw_only=True)
class Home:
    """The account of a stack and one of its home regions, and what follows from them for every component.

    `region` is a trail's home region: filters, alarms, rule and Lambda live there, and StopLogging and StartLogging
    are refused elsewhere (AWS API reference, StopLogging). It is written on each resource instead of being left to the
    provider, because the policies name it: both must never differ.
    """

    stack: str
    region: str
    account_id: pulumi.Output[str]
    partition: pulumi.Output[str]
    own_tags: Mapping[str, str] = field(default_factory=dict[str, str])
    """The tags that the settings add to ours."""
    organization_id: str | None = None
    """The organization whose accounts write to the trail; None if only this account does."""
    runbooks: str = RUNBOOKS
    """Where runbooks are: `{page}` stands for the path of a page below `docs/`, `{set}` for its name."""

    @classmethod
    def look_up(
        cls,
        *,
        stack: str,
        region: str,
        own_tags: Mapping[str, str] | None = None,
        organization_id: str | None = None,
        runbooks: str = RUNBOOKS,
    ) -> "Home":
        """Ask AWS which account and partition the deployment's credentials belong to. Needs no permission."""
        return cls(
            stack=stack,
            region=region,
            account_id=aws.get_caller_identity_output().account_id,
            partition=aws.get_partition_output().partition,
            own_tags=own_tags or {},
            organization_id=organization_id,
            runbooks=runbooks,
        )

    def at(self, region: str) -> "Home":
        """The same account, in another region."""
        return replace(self, region=region)

    @property
    def tags(self) -> dict[str, str]:
        """The tags of everything in this stack, as a new dict."""
        return {**self.own_tags, **tags(self.stack)}

    @property
    def trail_tags(self) -> dict[str, str]:
        """The tags of the trail, which an upgrade must not change, as a new dict."""
        return {**self.own_tags, **trail_tags(self.stack)}

    def runbook(self, page: str) -> str:
        """Where a page of `docs/runbooks/` is, as the mails of the functions say it (`lambda/common/runbooks.py`)."""
        where = self.runbooks if "{" in self.runbooks else f"{self.runbooks.rstrip('/')}/{{set}}"
        return where.replace("{page}", f"runbooks/{page}.md").replace("{set}", page)

    def arn(self, service: str, resource: pulumi.Input[str], *, region: str | None = None) -> pulumi.Output[str]:
        """The ARN of a regional resource here, or in another region; such as `rule/guardian-*` of `events`."""
        return pulumi.Output.concat(
            "arn:", self.partition, f":{service}:", region or self.region, ":", self.account_id, ":", resource
        )

    def trail_arn(self, trail_name: str) -> pulumi.Output[str]:
        """The ARN that a trail of this name has here, known before the trail exists.

        CreateTrail wants a bucket policy and a key policy that already name the trail, so its ARN cannot be an output.
        """
        return self.arn("cloudtrail", f"trail/{trail_name}")
