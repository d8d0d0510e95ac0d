"""What only the guardian raises, beside `common.errors`."""

from common.errors import FunctionError


class NotRestored(FunctionError):  # noqa: N818 - a fact about the trail, and the name the design gives it
    """The trail is not known to be logging. People were told first; the retry and the dead-letter queue come second."""

    def __init__(self, trail_arn: str, why: str) -> None:
        self.trail_arn, self.why = trail_arn, why
        super().__init__(f"{trail_arn} is not known to be logging: {why}")


class NotPutBack(FunctionError):  # noqa: N818 - as above
    """Settings of the trail are not as wanted although they should be. People were told first."""

    def __init__(self, trail_arn: str, what: str) -> None:
        self.trail_arn, self.what = trail_arn, what
        super().__init__(f"{trail_arn} is not as wanted: {what}")
