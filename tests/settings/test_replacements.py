"""What is said about a change of trail, home region, layout or mode, before it is written."""

from typing import Any

import pytest
from hypothesis import given
from hypothesis import settings as hypothesis_settings

from settings import Settings, replacements
from tests.support.answers_strategy import answers
from tests.support.effort import examples

BASE: dict[str, Any] = {"homeRegion": "eu-west-1", "emails": ["security@example.com"], "eventSets": ["trail-changes"]}
BOTH = ["eu-west-1", "us-east-1"]
BASELINE = {"logGroup": "logs", "deliveryRole": "arn:aws:iam::111122223333:role/delivery", "bucket": "acme-logs"}
FAR = "arn:aws:cloudtrail:us-west-2:111122223333:trail/old-trail"
ADOPT = {"mode": "adopt", "trails": ["org-trail"], "baseline": {"org-trail": BASELINE}}
ADOPT_TWO = {"mode": "adopt", "trails": ["org-trail", FAR], "baseline": {"org-trail": BASELINE, FAR: BASELINE}}
PER_REGION = {"layout": "per-region"}
PROTECTED = "are protected (evidence: keep), and `pulumi up` stops there"


def settings(**changes: Any) -> Settings:
    return Settings.parse({**BASE, **changes}, stack="prod", source="answers")


def said(before: dict[str, Any], after: dict[str, Any]) -> tuple[str, ...]:
    return replacements(settings(**before), settings(**after))


# From, to, and what each sentence begins with or holds, in order.
CHANGES: dict[str, tuple[dict[str, Any], dict[str, Any], list[str]]] = {
    "nothing": ({}, {}, []),
    "another set": ({}, {"eventSets": ["trail-changes", "vpc-changes"]}, []),
    "another region to work in": ({}, {"regions": BOTH}, []),
    "the trail's name": (
        {},
        {"trail": {"name": "acme-audit"}},
        ["Trail trailwarden-prod in eu-west-1 is deleted before acme-audit is made: for about a minute nothing is rec"],
    ),
    "the default name, written": ({}, {"trail": {"name": "trailwarden-prod"}}, []),
    "the home region": (
        {},
        {"homeRegion": "us-east-1"},
        [
            "The home region moves from eu-west-1 to us-east-1",
            "Trail trailwarden-prod in eu-west-1 is deleted before trailwarden-prod in us-east-1 is made",
            PROTECTED,
            "Topics in us-east-1 are new",
            "The topics in eu-west-1 are deleted",
        ],
    ),
    "the home region of disposable evidence": (
        {"evidence": "disposable"},
        {"homeRegion": "us-east-1", "evidence": "disposable"},
        [
            "The home region moves",
            "is deleted before trailwarden-prod in us-east-1 is made",
            "The bucket, log group and key of trail trailwarden-prod in eu-west-1 are deleted with everything in them.",
            "Topics in us-east-1 are new",
            "The topics in eu-west-1 are deleted",
        ],
    ),
    "one trail becomes one in each region": (
        {"regions": BOTH},
        {"regions": BOTH, "trail": PER_REGION},
        [
            "Trail trailwarden-prod is narrowed to eu-west-1: only eu-west-1, us-east-1 are recorded then",
            "Topics in us-east-1 are new: each address has to confirm there as well.",
        ],
    ),
    "one in each region becomes one": (
        {"regions": BOTH, "trail": PER_REGION},
        {"regions": BOTH},
        [
            "Trail trailwarden-prod in us-east-1 is deleted. What happens there is then recorded by trailwarden-",
            PROTECTED,
            "The topics in us-east-1 are deleted",
        ],
    ),
    "a region less": (
        {"regions": [*BOTH, "sa-east-1"], "trail": PER_REGION},
        {"regions": BOTH, "trail": PER_REGION},
        [
            "Trail trailwarden-prod in sa-east-1 is deleted. What happens in sa-east-1 is then recorded by no tr",
            PROTECTED,
            "The topics in sa-east-1 are deleted",
        ],
    ),
    "the home region of one in each": (
        {"regions": BOTH, "trail": PER_REGION},
        {"regions": BOTH, "trail": PER_REGION, "homeRegion": "us-east-1"},
        [
            "The home region moves from eu-west-1 to us-east-1",
            "CloudTrail refuses that in one step: us-east-1 has a trail of this stack already",
            "Trail trailwarden-prod in eu-west-1 is deleted before trailwarden-prod in us-east-1 is made",
            "Trail trailwarden-prod in us-east-1 is deleted. What happens there is then recorded by trailwarden-",
            "in eu-west-1 " + PROTECTED,
            "in us-east-1 " + PROTECTED,
            "The alerts topic in us-east-1 is made anew",
            "The alerts topic in eu-west-1 is made anew",
        ],
    ),
    "from a trail of ours to one that exists": (
        {},
        {"trail": ADOPT},
        [
            "Trail trailwarden-prod in eu-west-1 is deleted. What happens there is then recorded by org-trail in",
            PROTECTED,
        ],
    ),
    "from one that exists to a trail of ours": (
        {"trail": ADOPT},
        {},
        ["Trail org-trail in eu-west-1 is no longer watched or guarded. It stays as it is."],
    ),
    "one adopted trail less": (
        {"trail": ADOPT_TWO},
        {"trail": ADOPT},
        [
            "Trail old-trail in us-west-2 is no longer watched or guarded.",
            "The topics in us-west-2 are deleted, with their subscriptions.",
        ],
    ),
    "one adopted trail more": ({"trail": ADOPT}, {"trail": ADOPT_TWO}, ["Topics in us-west-2 are new"]),
    "another baseline": (
        {"trail": ADOPT},
        {"trail": {**ADOPT, "baseline": {"org-trail": {**BASELINE, "validation": False}}}},
        [],
    ),
    "a log group that exists": (
        {},
        {"trail": {"logGroup": "/acme/trail"}},
        ["The log group of trail trailwarden-prod in eu-west-1 is protected (evidence: keep)"],
    ),
    "a bucket that exists, instead of a disposable one": (
        {"evidence": "disposable"},
        {"trail": {"bucket": "acme-logs"}, "evidence": "disposable"},
        ["The bucket of trail trailwarden-prod in eu-west-1 is deleted with everything in it."],
    ),
    "the topic's name": (
        {},
        {"alerts": {"topicName": "acme-alerts"}},
        ["The alerts topic in eu-west-1 is made anew: each address has to confirm again."],
    ),
}


@pytest.mark.parametrize("change", CHANGES)
def test_what_is_said(change: str) -> None:
    before, after, expected = CHANGES[change]
    sentences = said(before, after)
    assert len(sentences) == len(expected), sentences
    for sentence, part in zip(sentences, expected, strict=True):
        assert part in sentence
        assert sentence.endswith(".")


@hypothesis_settings(max_examples=examples(20))
@given(answers())
def test_no_change_says_nothing(data: dict[str, Any]) -> None:
    made = Settings.parse(data, stack="prod", source="test")
    assert replacements(made, made) == ()


@pytest.mark.parametrize("change", CHANGES)
def test_what_the_program_replaces_is_what_is_said(change: str) -> None:
    """Nothing of a trail may vanish or move unsaid: the sites themselves are what the program goes round."""
    before, after, expected = CHANGES[change]
    old = {site.suffix: (site.region, site.name) for site in settings(**before).trails}
    new = {site.suffix: (site.region, site.name) for site in settings(**after).trails}
    moved = {suffix for suffix, where in old.items() if new.get(suffix) != where}
    text = " ".join(said(before, after))
    for suffix in moved:
        region, name = old[suffix]
        assert f"Trail {name} in {region} is " in text
    assert moved or "is deleted" not in " ".join(each for each in expected if each.startswith("Trail"))
