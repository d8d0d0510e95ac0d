"""What only the explainer raises, beside `common.errors`."""

from common.errors import FunctionError


class NotExplained(FunctionError):  # noqa: N818 - a fact about the alarm, and it reads as one
    """An alarm could not be explained. People were told of the alarm itself first, without who and what."""

    def __init__(self, alarm: str, why: str) -> None:
        self.alarm, self.why = alarm, why
        super().__init__(f"{alarm or 'a message'} could not be explained: {why}")
