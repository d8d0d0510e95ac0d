"""A problem of the settings, in the words that stand under a question."""

from settings import Problem
from settings.problems import sentence


def reason(problem: Problem) -> str:
    """The problem in the words of a single check: under its question, file and key need not be named."""
    subject = problem.problem if problem.value is None else f"{problem.value} {problem.problem}"
    return sentence(subject, value=None, allowed=problem.allowed, suggestion=problem.suggestion)
