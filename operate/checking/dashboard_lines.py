"""Is the stack's dashboard there, and does it show every alarm?"""

from __future__ import annotations

from account import CouldNotLook, Found, Nothing
from operate.checking.line import Findings
from operate.checking.site import Site
from operate.checking.words import named
from settings.dashboard import dashboard_name


def dashboard_lines(site: Site, findings: Findings) -> None:
    """Without a stack file nobody knows whether there should be one, so only one that is there is looked at."""
    name, up = dashboard_name(site.stack), f"pulumi up --stack {site.stack}"
    answer = site.survey.dashboards.get(site.stack, Nothing("dashboard"))
    if isinstance(answer, CouldNotLook):
        findings.blind("dashboard.present", f"dashboard {name}", answer, resource=name)
        return
    is_there, is_asked_for = isinstance(answer, Found), site.settings.dashboard if site.settings else None
    if is_asked_for is not None:
        findings.expect(
            "dashboard.present",
            is_there == is_asked_for,
            good=f"dashboard {name} is there" if is_there else "there is no dashboard, as the stack file says",
            bad=f"dashboard {name} is there, and the stack file does not ask for it"
            if is_there
            else f"dashboard {name} is not there",
            fix=f"{up} makes it as the file says",
            resource=name,
        )
    if isinstance(answer, Found) and is_asked_for is not False:
        # An alarm that could not be read is no reason to miss it here: only what was read is compared.
        missing = {alarm.name for alarm in site.alarms if alarm.arn not in answer.value.alarm_arns}
        findings.expect(
            "dashboard.alarms",
            not missing,
            good=f"dashboard {name} shows all {len(site.alarms)} alarms of the stack",
            bad=f"dashboard {name} does not show {named(missing)}",
            fix=f"{up} writes it again",
            resource=name,
        )
