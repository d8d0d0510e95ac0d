"""What a stack says now, as far as a dialogue can start from it."""

import re
from collections.abc import Set

from settings import Document, Problem, Settings, SettingsError
from settings.parse import read_section
from wizard.questions import QUESTIONS


def usable(present: Document, *, given: Document, stack: str) -> tuple[Document, tuple[str, ...]]:
    """The present answers without those that are broken, and how their file calls these: they will be asked anew.

    Raises SettingsError for what is broken and will not be asked, in the file or in `given`, so that nobody answers
    seven questions in vain.
    """
    asked = {question.key for question in QUESTIONS if question.is_asked and question.key not in given}
    fixed = _without(asked, present).layered(given)
    # What is missing will be asked. What stands there has to be right.
    there = {fixed.label((key,)) for key in fixed}
    if problems := [each for each in _problems(fixed, stack) if each in fixed.problems or _top(each) in there]:
        raise SettingsError(problems)
    broken = {key for key in asked & present.keys() if read_section(key, present[key]) is None}
    return _without(broken, present), tuple(sorted(present.label((key,)) for key in broken))


def _without(keys: Set[str], document: Document) -> Document:
    """The document without some of its keys."""
    left = {key: value for key, value in document.items() if key not in keys}
    gone = {document.label((key,)) for key in keys}
    problems = [each for each in document.problems if _top(each) not in gone]
    return Document(left, source=document.source, marks=document.marks, labels=document.labels, problems=problems)


def _top(problem: Problem) -> str:
    """The first part of a problem's key: `emails` for `emails[1]`."""
    return re.split(r"[.[]", problem.key)[0]


def _problems(document: Document, stack: str) -> tuple[Problem, ...]:
    """What the settings model has to say against these answers."""
    try:
        Settings.parse(document, stack=stack, source=document.source)
    except SettingsError as error:
        return error.problems
    return ()
