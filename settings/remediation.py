"""The settings of what happens when somebody stops or changes the trail."""

from typing import ClassVar, Self

from pydantic import Field, model_validator

from settings.kinds import (
    BudgetMinutes,
    BudgetRepairs,
    GraceSeconds,
    RemediationMode,
    ReservedConcurrency,
    Switch,
    TrailFields,
)
from settings.limits import BUDGET_MINUTES, BUDGET_REPAIRS, GRACE_S
from settings.problems import CheckError
from settings.repairs import TRAIL_FIELDS
from settings.section import Section


class Budget(Section):
    """How many repairs are too many: they are told as one, and settings of the trail are left until it is quiet."""

    EXAMPLE: ClassVar[str] = "{repairs: 5, minutes: 15}"
    repairs: BudgetRepairs = Field(
        default=5, description="Repairs that are told one by one, {} to {}.".format(*BUDGET_REPAIRS)
    )
    minutes: BudgetMinutes = Field(
        default=15, description="The window in which they are counted, {} to {:,} minutes.".format(*BUDGET_MINUTES)
    )


class Remediation(Section):
    """What happens when somebody stops or changes the trail."""

    EXAMPLE: ClassVar[str] = "{mode: restore}"
    mode: RemediationMode = Field(
        default="restore", description="`restore`: log again and tell people. `notify`: only tell them. `off`: neither."
    )
    restart: Switch = Field(
        default=False,
        description="With `mode: notify`: start a stopped trail all the same, and only tell of everything else. For "
        "adopted trails, whose other settings are their owner's; their `mode` is `notify` unless it is written.",
    )
    fields: TrailFields | None = Field(
        default=None,
        description="The settings of the trail that may be put back, in GetTrail's words. What is not named is told "
        "and left; a stopped trail is started in any case. Left out: all.",
    )
    dry_run: Switch = Field(
        default=False,
        description="Decide and tell what would be done, and do nothing; the guardian's role may then change nothing.",
    )
    grace_seconds: GraceSeconds = Field(
        default=30,
        description="How long a change of the trail is waited for before it is undone, "
        "{} to {}: `pulumi up` makes its changes one by one. A stop never waits.".format(*GRACE_S),
    )
    budget: Budget = Budget()
    reserved_concurrency: ReservedConcurrency | None = Field(
        default=None,
        description="Calls of the guardian that Lambda keeps free for it, so that other functions cannot crowd it out. "
        "One that waits for the grace time takes a place for a minute: at least 5 is sensible. Left out: none.",
    )

    @model_validator(mode="after")
    def _dry_run_has_something_to_leave(self) -> Self:
        if self.dry_run and self.mode != "restore":
            raise CheckError(
                f"has nothing to leave out: mode {self.mode} changes nothing anyway",
                value=True,
                allowed="mode restore, or leave it out",
                key="dryRun",
            )
        return self

    @property
    def in_effect(self) -> "Remediation":
        """The same without `restart`: whoever may only start the trail restores none of its settings."""
        if not (self.mode == "notify" and self.restart):
            return self
        return self.model_copy(update={"mode": "restore", "fields": (), "restart": False})

    @property
    def acts(self) -> bool:
        """Whether the guardian changes anything, and so needs the rights to."""
        return self.mode == "restore" and not self.dry_run

    @property
    def way(self) -> str:
        """What the function is told to do: `restore`, `notify` or `dry-run`."""
        return "dry-run" if self.dry_run else self.mode

    @property
    def may_put_back(self) -> tuple[str, ...]:
        """The settings of the trail that may be put back."""
        return TRAIL_FIELDS if self.fields is None else self.fields

    @property
    def remit(self) -> dict[str, str]:
        """What the function is told of its own behaviour (lambda/guardian/remit.py): variables of its environment.

        None of it is in the desired state.
        """
        return {
            "MODE": self.way,
            "FIELDS": "all" if self.fields is None else ",".join(self.fields) or "none",
            "GRACE_SECONDS": str(self.grace_seconds),
            "BUDGET_REPAIRS": str(self.budget.repairs),
            "BUDGET_MINUTES": str(self.budget.minutes),
        }
