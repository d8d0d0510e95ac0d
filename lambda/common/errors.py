"""What the functions raise; every one of these makes Lambda retry and, in the end, fill a dead-letter queue."""

from collections.abc import Iterable


class FunctionError(Exception):
    """Base of everything that our functions raise on purpose."""


class WrongEnvironmentError(FunctionError, ValueError):
    """The function's environment variables cannot be used; `problems` lists every one of them."""

    def __init__(self, problems: Iterable[str]) -> None:
        self.problems = tuple(problems)
        super().__init__("the function's environment cannot be used:\n" + "\n".join(self.problems))


class NotReported(FunctionError):  # noqa: N818 - a fact about the report, and the name the design gives it
    """The report could not be published. It stands whole in the function's log, in one line with `report`."""

    def __init__(self, topic_arn: str, why: str) -> None:
        self.topic_arn, self.why = topic_arn, why
        super().__init__(f"the report could not be published to {topic_arn}: {why}")
