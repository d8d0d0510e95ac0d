"""The verb `report`: what a stack file would deploy, and how that differs from another revision of it."""

from operate.report.run import Options, report

__all__ = ["Options", "report"]
