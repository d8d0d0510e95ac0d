"""Which page of `docs/runbooks/` a mail belongs to. Pure."""

from collections.abc import Mapping

from common.report import line
from common.runbooks import runbook

PAGES: Mapping[str, str] = {
    "stopped#": "trail-stopped",
    "event#": "trail-changed",
    "drift#": "trail-changed",
    "gone": "trail-deleted",
    "wanted#": "desired-state",
    "unreadable": "guardian-blind",
    "settings-unreadable": "guardian-blind",
    "rule": "guardian-blind",
    "delivery#": "delivery",
    "storm": "many-repairs",
    "maintenance": "maintenance",
    "": "changed-things",
}
"""The name of a page, by how the key of an incident begins: the first that fits. The sweep knows things of any kind."""


def runbook_line(key: str, *, base: str) -> str:
    """The line of a mail that says where the runbook of an incident is."""
    name = next(name for beginning, name in PAGES.items() if key.startswith(beginning))
    return line("Runbook", runbook(base, name, page=f"runbooks/{name}.md"))
