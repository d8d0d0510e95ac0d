"""The verb `setup`, which also runs when none is named."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import Annotated, Any

import typer

from exits import Exit
from wizard import questions
from wizard.questions import Question
from wizard.verbs.options import Account, switch, value
from wizard.verbs.verb import Verbs

verbs = Verbs(panel="Set up")


def _flag(question: Question) -> Any:
    """The option that answers a question."""
    return value(question.flag, question.metavar, question.help)


@dataclass(frozen=True, kw_only=True)
class Answered:
    """The flags that answer a question. A field is called as the key of its question, with `_` for a capital."""

    trail: Annotated[list[str] | None, _flag(questions.TRAIL)] = None
    home_region: Annotated[str | None, _flag(questions.HOME_REGION)] = None
    regions: Annotated[list[str] | None, _flag(questions.REGIONS)] = None
    emails: Annotated[list[str] | None, _flag(questions.EMAILS)] = None
    subscribers: Annotated[list[str] | None, _flag(questions.SUBSCRIBERS)] = None
    event_sets: Annotated[list[str] | None, _flag(questions.EVENT_SETS)] = None
    source_ips: Annotated[list[str] | None, _flag(questions.SOURCE_IPS)] = None
    remediation: Annotated[str | None, _flag(questions.REMEDIATION)] = None
    evidence: Annotated[str | None, _flag(questions.EVIDENCE)] = None

    def texts(self) -> Mapping[str, str | Sequence[str]]:
        """The texts of the flags that were given, by the key of the question."""
        given = {name: text for name, text in vars(self).items() if text is not None and text != []}
        return {_key(name): text for name, text in given.items()}


def _key(name: str) -> str:
    head, *rest = name.split("_")
    return head + "".join(map(str.capitalize, rest))


@verbs.verb("setup", example="setup --stack prod --answers answers.yaml --yes")
def setup(
    *,
    stack: Annotated[str | None, _flag(questions.STACK)] = None,
    answered: Answered,
    answers: Annotated[
        Path | None, value("--answers", "FILE", "Answers in YAML or JSON; then nothing is asked. Flags win.")
    ] = None,
    yes: Annotated[bool, switch("--yes -y", "Write without asking.")] = False,
    look: Annotated[
        bool,
        switch(
            "--look",
            "Look at the AWS account first, read-only. Left out: where questions are asked, or with --profile, "
            "--endpoint-url or the name of a --trail; a pipeline never needs AWS.",
        ),
    ] = False,
    no_look: Annotated[bool, switch("--no-look --offline", "Do not look at the AWS account.")] = False,
    account: Account,
) -> int:
    """Look at the account, ask what to watch and whom to tell, show the change of Pulumi.<stack>.yaml, and write it.

    What neither flag nor answers file says keeps its present value, or gets the default.
    """
    if look and no_look:
        typer.echo("--look and --no-look exclude each other", err=True)
        return Exit.NO_ANSWER
    from wizard.access import access_of
    from wizard.setup import Options, run
    from wizard.terminal import Terminal

    terminal = Terminal.real()
    access = access_of(
        look=False if no_look else look or None,
        profile=account.profile,
        endpoint_url=account.endpoint_url,
        trails=answered.trail or (),
        is_asking=terminal.is_interactive and answers is None and not yes,
    )
    options = Options(stack=stack, answers=answers, yes=yes, flags=answered.texts(), access=access)
    return run(options, terminal=terminal)
