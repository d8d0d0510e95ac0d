"""The explainer's code archive: explicit lists, so that no test, cache or stray file is ever deployed."""

from pathlib import Path

import pulumi

from components import _function_code

HANDLER = "explainer.handler.handle"
FACTS = "explainer/facts.json"
ROOT = Path(__file__).resolve().parents[1]
FILES = (
    *_function_code.COMMON,
    "explainer/__init__.py",
    "explainer/alarms.py",
    "explainer/burst.py",
    "explainer/digest.py",
    "explainer/envelope.py",
    "explainer/environment.py",
    "explainer/errors.py",
    "explainer/facts.py",
    "explainer/handler.py",
    "explainer/holding.py",
    "explainer/kit.py",
    "explainer/mail.py",
    "explainer/memory.py",
    "explainer/message.py",
    "explainer/muted.py",
    "explainer/plain.py",
    "explainer/ring.py",
    "explainer/rows.py",
    "explainer/run.py",
    "explainer/rung.py",
    "explainer/search.py",
    "explainer/single.py",
    "explainer/sorting.py",
    "explainer/subject.py",
    "explainer/sweep.py",
    "explainer/tally.py",
    "explainer/telling.py",
    "explainer/told.py",
    "explainer/trial.py",
    "explainer/windows.py",
)
# What matches events. Lint and translations are for people and deployments, and stay at home.
PATTERNS = (
    "filterpattern/__init__.py",
    "filterpattern/_caret.py",
    "filterpattern/_cidr.py",
    "filterpattern/_errors.py",
    "filterpattern/_evaluate.py",
    "filterpattern/_fields.py",
    "filterpattern/_fields_parser.py",
    "filterpattern/_json_parser.py",
    "filterpattern/_known_fields.py",
    "filterpattern/_limits.py",
    "filterpattern/_literals.py",
    "filterpattern/_message.py",
    "filterpattern/_numbers.py",
    "filterpattern/_pattern.py",
    "filterpattern/_pattern_set.py",
    "filterpattern/_reader.py",
    "filterpattern/_regex_match.py",
    "filterpattern/_regex_syntax.py",
    "filterpattern/_render.py",
    "filterpattern/_required.py",
    "filterpattern/_selectors.py",
    "filterpattern/_terms.py",
    "filterpattern/_tokens.py",
    "filterpattern/_tree.py",
    "filterpattern/_walk.py",
)


def archive(*, facts: str) -> pulumi.AssetArchive:
    """The files of the function, under the paths that Lambda imports them by. `facts` is its JSON file of facts."""
    return pulumi.AssetArchive(
        {
            **{path: pulumi.FileAsset(str(_function_code.LAMBDA_ROOT / path)) for path in FILES},
            **{path: pulumi.FileAsset(str(ROOT / path)) for path in PATTERNS},
            FACTS: pulumi.StringAsset(facts),
        }
    )
