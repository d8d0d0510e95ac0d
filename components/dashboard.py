"""The dashboard of a stack."""

import json
from collections.abc import Mapping, Sequence
from typing import Any

import pulumi
import pulumi_aws as aws

from components._dashboard_body import Site, body
from components.guarded_trail import GuardedTrail
from components.home import Home
from settings import Settings
from settings.dashboard import dashboard_name

_CONSOLE = {"aws": "console.aws.amazon.com", "aws-us-gov": "console.amazonaws-us-gov.com"}


class Dashboard(pulumi.ComponentResource):
    """One CloudWatch dashboard in the home region, with rows for every trail and event set of the stack.

    `url` is its page in the console. A dashboard can carry no tags, so its name says whose it is.
    """

    url: pulumi.Output[str]

    def __init__(
        self,
        name: str,
        *,
        home: Home,
        settings: Settings,
        guarded: Sequence[GuardedTrail],
        opts: pulumi.ResourceOptions | None = None,
    ) -> None:
        super().__init__("trailwarden:index:Dashboard", name, {}, opts)
        known = pulumi.Output.all(*(pulumi.Output.all(**_facts(each)) for each in guarded))
        self.dashboard = aws.cloudwatch.Dashboard(
            name,
            region=home.region,
            dashboard_name=dashboard_name(home.stack),
            dashboard_body=known.apply(lambda facts: json.dumps(_body(facts, settings, guarded))),
            # A fixed name cannot exist twice, so a replacement has to delete first.
            opts=pulumi.ResourceOptions(parent=self, delete_before_replace=True),
        )
        self.url = home.partition.apply(
            lambda partition: (
                f"https://{home.region}.{_CONSOLE[partition]}/cloudwatch/home?region={home.region}"
                f"#dashboards/dashboard/{dashboard_name(home.stack)}"
            )
        )
        self.register_outputs({"url": self.url})


def _facts(guarded: GuardedTrail) -> dict[str, pulumi.Input[Any]]:
    """What only the deployment knows of a trail."""
    health = guarded.health.alarms if guarded.health else {}
    guardian = guarded.guardian
    explained = guarded.explained
    address = guarded.watched.any_address if guarded.watched else None
    ringing = {
        **guarded.alarms,
        **{f"health-{name}": alarm for name, alarm in health.items()},
        **{f"explainer-{number}": alarm for number, alarm in enumerate(explained.alarms if explained else [])},
        **{f"lost-{number}": alarm for number, alarm in enumerate(guarded.channels.alarms)},
    }
    functions = {
        **({"guardian": guardian.function.name} if guardian else {}),
        **({"explainer": explained.explainer.function.name} if explained and explained.explainer else {}),
    }
    return {
        "log_group_name": guarded.trail.log_group_name,
        "alarm_arns": pulumi.Output.all(**{name: ringing[name].arn for name in sorted(ringing)}),
        "functions": pulumi.Output.all(**functions),
        "guardian_log_group": guardian.rights.log_group.name if guardian else "",
        "rule_name": address.rule.rule_name if address else "",
    }


def _body(facts: Sequence[Mapping[str, Any]], settings: Settings, guarded: Sequence[GuardedTrail]) -> dict[str, Any]:
    sites = [
        Site(
            title=f"{each.site.name} in {each.site.region}",
            region=each.site.region,
            namespace=settings.namespace_of(each.site),
            # A stable order: the dashboard must not change because somebody sorted a list.
            watches=sorted(settings.watches_of(each.site), key=lambda watch: watch.name * (watch.kind == "source-ip")),
            has_canary=settings.has_guardian and each.site.records_reads,
            **known,
        )
        for each, known in zip(guarded, facts, strict=True)
    ]
    return body(sites, stack=settings.stack)
