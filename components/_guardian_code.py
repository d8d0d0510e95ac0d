"""The guardian's code archive: an explicit list, so that no test, cache or stray file is ever deployed."""

import pulumi

from components import _function_code

HANDLER = "guardian.handler.handle"
FILES = (
    *_function_code.COMMON,
    "guardian/__init__.py",
    "guardian/advice.py",
    "guardian/budget.py",
    "guardian/cause.py",
    "guardian/decide.py",
    "guardian/drift.py",
    "guardian/fields.py",
    "guardian/environment.py",
    "guardian/errors.py",
    "guardian/floor.py",
    "guardian/handler.py",
    "guardian/headline.py",
    "guardian/incident.py",
    "guardian/inventory/__init__.py",
    "guardian/inventory/channels.py",
    "guardian/inventory/comparing.py",
    "guardian/inventory/conditions.py",
    "guardian/inventory/described.py",
    "guardian/inventory/document.py",
    "guardian/inventory/evidence.py",
    "guardian/inventory/eyes.py",
    "guardian/inventory/forged.py",
    "guardian/inventory/inspection.py",
    "guardian/inventory/looking.py",
    "guardian/inventory/mending.py",
    "guardian/inventory/mutes.py",
    "guardian/inventory/policies.py",
    "guardian/inventory/remedies.py",
    "guardian/inventory/watching.py",
    "guardian/inventory/wiring.py",
    "guardian/kit.py",
    "guardian/ledger.py",
    "guardian/mails.py",
    "guardian/maintenance.py",
    "guardian/memory.py",
    "guardian/notice.py",
    "guardian/patrol.py",
    "guardian/remit.py",
    "guardian/repair.py",
    "guardian/report.py",
    "guardian/rounds.py",
    "guardian/rows.py",
    "guardian/run.py",
    "guardian/runbooks.py",
    "guardian/selectors.py",
    "guardian/setup.py",
    "guardian/sight.py",
    "guardian/stops.py",
    "guardian/storm.py",
    "guardian/sweep.py",
    "guardian/tell.py",
    "guardian/told.py",
    "guardian/trail.py",
    "guardian/upkeep.py",
    "guardian/wanted.py",
)


def archive() -> pulumi.AssetArchive:
    """The files of the function, under the paths that Lambda imports them by."""
    return _function_code.archive(FILES)
