"""The lint rules: what each is called, how bad it is, why it exists, and a pattern that breaks it beside a good one.

The page `docs/lint-rules.md` is made from this table. Loaded only when somebody lints: a Lambda never does.
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from types import MappingProxyType

from filterpattern._limits import (
    MAX_DEPTH,
    MAX_DIMENSIONS,
    MAX_FILTERS_PER_LOG_GROUP,
    MAX_METRIC_VALUE_LENGTH,
    MAX_PATTERN_LENGTH,
    MAX_REGEX_FILTERS_PER_LOG_GROUP,
    MAX_REGEXES_PER_PATTERN,
    MAX_WILDCARD_SELECTORS_PER_PATTERN,
)

ERROR, WARNING = "error", "warning"


@dataclass(frozen=True)
class Rule:
    """One rule. `bad` breaks it and `good` says the same as it should be said; both are empty where one pattern is not
    enough to break it (limits of a log group, settings of a metric).
    """

    code: str
    severity: str
    why: str
    bad: str = ""
    good: str = ""


_REFUSED = (
    Rule("syntax", ERROR, "The text is not a filter pattern; the message says what stands in the wrong place.",
         '{ $.eventName "StopLogging" }', '{ $.eventName = "StopLogging" }'),
    Rule("too-long", ERROR, f"A pattern may have {MAX_PATTERN_LENGTH:,} characters.",
         '{ $.a = "' + "x" * 1100 + '" }', '{ $.a = "x*" }'),
    Rule("too-deep", ERROR,
         f"More than {MAX_DEPTH} nested brackets; the limit is ours and keeps reading far from Python's own.",
         "{ " + "(" * 101 + "$.a = 1" + ")" * 101 + " }", "{ $.a = 1 }"),
    Rule("too-many-regexes", ERROR, f"One pattern may hold {MAX_REGEXES_PER_PATTERN} regexes.",
         "{ $.a = %^x% || $.a = %^y% || $.a = %^z% }", "{ $.a = %^x|^y|^z% }"),
    Rule("too-many-wildcards", ERROR,
         f"One selector may hold one wildcard, and one pattern {MAX_WILDCARD_SELECTORS_PER_PATTERN} such selectors.",
         '{ $.resources[*].tags[*] = "x" }', '{ $.resources[0].tags[*] = "x" }'),
    Rule("double-equals", ERROR, "Equality is a single `=`.",
         '{ $.eventName == "StopLogging" }', '{ $.eventName = "StopLogging" }'),
    Rule("word-operator", ERROR, "Conditions are joined by `&&` and `||`; there is no `NOT` around a condition.",
         "{ $.a = 1 AND $.b = 2 }", "{ $.a = 1 && $.b = 2 }"),
    Rule("single-quotes", ERROR, "Only double quotes make a string.",
         "{ $.userIdentity.type = 'Root' }", '{ $.userIdentity.type = "Root" }'),
    Rule("is-not", ERROR, "`IS NOT` does not exist: write `!=` for another value, `= \"*\"` for any string or number.",
         "{ $.errorCode IS NOT NULL }", '{ $.errorCode = "Access*" }'),
    Rule("exists", ERROR, "Only `NOT EXISTS` exists; that a string or number is there is said by `= \"*\"`.",
         "{ $.errorCode EXISTS }", '{ $.errorCode = "Access*" }'),
    Rule("bare-null", ERROR, "`null` is not a value; JSON null is tested with `IS NULL`.",
         "{ $.responseElements = null }", "{ $.responseElements IS NULL }"),
    Rule("ordered-text", ERROR, "`<`, `<=`, `>` and `>=` compare numbers only, and only JSON numbers satisfy them.",
         '{ $.bytes > "1000" }', "{ $.bytes > 1000 }"),
    Rule("bare-symbol", ERROR, "A string without quotes holds only letters, digits and `_ . * + -`.",
         "{ $.userIdentity.arn = arn:aws:iam::111122223333:root }",
         '{ $.userIdentity.arn = "arn:aws:iam::111122223333:root" }'),
    Rule("bracket-selector", ERROR,
         "A selector starts with `$.`; a name with other characters is written `$.['name']`.",
         "{ $['eventName'] = StopLogging }", "{ $.['eventName'] = StopLogging }"),
    Rule("regex-alphabet", ERROR,
         "A regex has no groups and a small alphabet: spell other characters by their code, and repeat the prefix in "
         "each alternative instead of grouping.",
         "{ $.eventName = %^(Stop|Delete)% }", "{ $.eventName = %^Stop|^Delete% }"),
    Rule("regex-mixed", ERROR, "A stand-alone regex is the whole pattern.", "%ERROR% WARN", "%ERROR|WARN%"),
    Rule("text-after-brace", ERROR, "Nothing may follow the closing brace or bracket.",
         "{ $.a = 1 } || { $.b = 2 }", "{ $.a = 1 || $.b = 2 }"),
    Rule("group-full", ERROR,
         f"A log group takes {MAX_FILTERS_PER_LOG_GROUP} metric filters, and AWS does not raise it."),
    Rule("group-regex-full", ERROR,
         f"At most {MAX_REGEX_FILTERS_PER_LOG_GROUP} filters of a log group may hold a regex."),
    Rule("metric-value", ERROR,
         "A metric's value is a number or one field without a wildcard, "
         f"in at most {MAX_METRIC_VALUE_LENGTH} characters."),
    Rule("dimension-form", ERROR,
         f"Dimensions need a JSON or space-delimited pattern; there may be {MAX_DIMENSIONS}, each one field of it."),
    Rule("dimension-default", ERROR, "A metric cannot have both dimensions and a default value."),
)  # fmt: skip

_DOUBTED = (
    Rule("ne-missing", WARNING, "`!=` is false where the field is missing, so events without it are not matched.",
         '{ $.eventName = "ConsoleLogin" && $.additionalEventData.MFAUsed != "Yes" }',
         '{ $.eventName = "ConsoleLogin" && '
         '(($.additionalEventData.MFAUsed NOT EXISTS) || ($.additionalEventData.MFAUsed != "Yes")) }'),
    Rule("boolean-compare", WARNING, "`true` and `false` are plain strings here and never match a JSON boolean.",
         "{ $.readOnly = false }", "{ $.readOnly IS FALSE }"),
    Rule("star-as-exists", WARNING,
         '`= "*"` means "is a string or a number": it misses booleans, objects, arrays and null.',
         '{ $.responseElements = "*" }', "{ $.responseElements IS NULL }"),
    Rule("mid-star", WARNING,
         "A `*` inside a string was seen to be a wildcard in 2026, but AWS once documented it as a plain character.",
         '{ $.eventName = "Put*Policy" }', "{ $.eventName = %^Put.*Policy$% }"),
    Rule("cidr-dot", WARNING, "Without the dot the wildcard also covers longer numbers.",
         '{ $.sourceIPAddress = "10.0.1*" }', '{ $.sourceIPAddress = "10.0.1.*" }'),
    Rule("regex-dot", WARNING, "A plain `.` in a regex stands for any character.",
         "{ $.sourceIPAddress = %^10.0.0.1$% }", r"{ $.sourceIPAddress = %^10\.0\.0\.1$% }"),
    Rule("regex-anchor", WARNING, "A regex is searched for anywhere in the text, so digits may go on at an open end.",
         r"{ $.sourceIPAddress = %10\.0\.0\.1% }", r"{ $.sourceIPAddress = %^10\.0\.0\.1$% }"),
    Rule("regex-open-repeat", WARNING,
         "AWS documents `{,n}` as zero to n, but the engine its regexes fit reads it as plain text.",
         "%^a{,3}$%", "%^a{0,3}$%"),
    Rule("regex-backtracking", WARNING,
         "Several repeats without an upper bound are slow in engines that backtrack, wherever else the regex is used.",
         "{ $.userAgent = %a.*b.*c.*d% }", '{ $.userAgent = "*a*" && $.userAgent = "*b*" }'),
    Rule("or-and", WARNING, "`&&` binds tighter than `||`; brackets show what is meant.",
         "{ $.a = 1 || $.b = 2 && $.c = 3 }", "{ $.a = 1 || ($.b = 2 && $.c = 3) }"),
    Rule("number-on-text", WARNING,
         "The field holds a text: an ordering never matches it, and `=` compares it with the number as it is written.",
         "{ $.recipientAccountId = 012345678901 }", '{ $.recipientAccountId = "012345678901" }'),
    Rule("ip-ne-alone", WARNING,
         "Calls made by AWS carry a service's name or `AWS Internal` in place of an address, and that is unequal too.",
         '{ $.sourceIPAddress != "10.*" }',
         '{ $.sourceIPAddress != "10.*" && $.sourceIPAddress != "*.amazonaws.com" && '
         '$.sourceIPAddress != "AWS Internal*" }'),
    Rule("blank-phrase", WARNING,
         "This matches messages that contain a blank; the empty pattern is what matches every message.",
         '" "', ""),
    Rule("optional-ignored", WARNING, "Terms with `?` have no effect as soon as a term of another kind is there.",
         "?ERROR ?WARN REQUEST", "?ERROR ?WARN"),
    Rule("term-hyphen", WARNING, "A `-` or `?` inside a word begins a new term: `a-b` is `a` and not `b`.",
         "read-only", '"read-only"'),
    Rule("unquoted-string", WARNING,
         "The guide demands quotes for anything but letters, digits and `_`; that more works without is only observed.",
         "{ $.eventSource = iam.amazonaws.com }", '{ $.eventSource = "iam.amazonaws.com" }'),
    Rule("auditor-text", WARNING,
         "It means the same as a pattern whose text auditors compare, in another text: the control may fail."),
)  # fmt: skip

LINT_RULES: Mapping[str, Rule] = MappingProxyType({rule.code: rule for rule in _REFUSED + _DOUBTED})
"""Every rule by its code, errors first. Codes are stable: scripts and suppressions name them."""
