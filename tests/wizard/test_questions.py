"""The question table keeps step with the settings it asks for."""

import inspect

import pytest

from settings import ALWAYS_WRITTEN, HOME_KEY, KEYS, checks
from wizard import questions
from wizard.questions import QUESTIONS, Question, TypedQuestion


def tables() -> list[Question]:
    return [each for _, each in inspect.getmembers(questions) if isinstance(each, Question)]


def test_every_question_is_about_a_key_of_the_settings() -> None:
    assert [question.key for question in QUESTIONS if question.key not in (HOME_KEY, *KEYS)] == []


def test_what_the_wizard_always_writes_it_can_be_told() -> None:
    assert {HOME_KEY, *ALWAYS_WRITTEN} - {question.key for question in QUESTIONS} == set()


def test_choices_in_words_are_the_choices_of_the_settings() -> None:
    assert tuple(questions.MODES) == checks.REMEDIATION_MODES
    assert tuple(questions.MATCHES) == checks.MATCHES
    assert tuple(questions.EVIDENCE_WORDS) == checks.EVIDENCE_MODES


def test_what_is_typed_is_judged_by_the_settings_own_checks() -> None:
    typed = [each for each in tables() if isinstance(each, TypedQuestion)]
    assert len(typed) >= 6
    for question in typed:
        assert callable(getattr(checks, question.check.__name__))
        for nonsense in ("", "?!", "x" * 300 + "@"):
            with pytest.raises(ValueError, match=r"."):
                question.check(nonsense)


def test_a_flag_and_a_key_answer_one_question_only() -> None:
    named = [questions.STACK, *QUESTIONS]
    assert len({each.flag for each in named}) == len({each.key for each in named}) == len(named)
    assert all(each.flag.startswith("--") and each.metavar and each.help for each in named)
