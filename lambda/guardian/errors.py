"""What the guardian raises; every one of them makes Lambda retry and, in the end, fill the dead-letter queue."""

from collections.abc import Iterable


class GuardianError(Exception):
    """Base of everything the guardian raises on purpose."""


class WrongEnvironmentError(GuardianError, ValueError):
    """The function's environment variables cannot be used; `problems` lists every one of them."""

    def __init__(self, problems: Iterable[str]) -> None:
        self.problems = tuple(problems)
        super().__init__("the guardian's environment cannot be used:\n" + "\n".join(self.problems))


class NotRestored(GuardianError):  # noqa: N818 - a fact about the trail, and the name the design gives it
    """The trail is not known to be logging. People were told first; the retry and the dead-letter queue come second."""

    def __init__(self, trail_arn: str, why: str) -> None:
        self.trail_arn, self.why = trail_arn, why
        super().__init__(f"{trail_arn} is not known to be logging: {why}")


class NotReported(GuardianError):  # noqa: N818 - as above
    """The report could not be published. It stands whole in the function's log, in one line with `report`."""

    def __init__(self, topic_arn: str, why: str) -> None:
        self.topic_arn, self.why = topic_arn, why
        super().__init__(f"the report could not be published to {topic_arn}: {why}")


class NotPutBack(GuardianError):  # noqa: N818 - as above
    """Settings of the trail are not as wanted although they should be. People were told first."""

    def __init__(self, trail_arn: str, what: str) -> None:
        self.trail_arn, self.what = trail_arn, what
        super().__init__(f"{trail_arn} is not as wanted: {what}")
