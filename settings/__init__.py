"""settings: the one typed model of what a stack decides.

It reads Pulumi's configuration, the stack file and answers files, says everything that is wrong with them at once, and
writes the stack file without touching what is not ours. It needs neither Pulumi (but for `from_pulumi`) nor AWS.
"""

from settings.answers import merge_answers, read_answers
from settings.baseline import Baseline
from settings.blind_spots import blind_spots
from settings.burst import ANY_ADDRESS, Burst, insight_rule_name
from settings.cost import NOT_COUNTED, Bill, Item, monthly_bill
from settings.document import Document
from settings.keys import ALWAYS_WRITTEN, HOME_KEY, KEYS, NAMESPACE
from settings.model import Settings
from settings.parse import recommended_sets
from settings.plan import Plan
from settings.prices import PRICES, Price, read_prices
from settings.problems import CheckError, Problem, SettingsError
from settings.remediation import Remediation
from settings.replacements import replacements
from settings.sites import TrailSite
from settings.stack_file import Change, StackFile, block, find_project, stack_file_path, stacks_of
from settings.subscribers import Recipient
from settings.telling import Alerts
from settings.trail import TrailSettings
from settings.trail_options import DataEvents, Lifecycle, ObjectLock
from settings.version import VERSION
from settings.watches import CANARY_METRIC, Watch
from settings.watching import SourceIp

__all__ = [
    "ALWAYS_WRITTEN",
    "ANY_ADDRESS",
    "CANARY_METRIC",
    "HOME_KEY",
    "KEYS",
    "NAMESPACE",
    "NOT_COUNTED",
    "PRICES",
    "VERSION",
    "Alerts",
    "Baseline",
    "Bill",
    "Burst",
    "Change",
    "CheckError",
    "DataEvents",
    "Document",
    "Item",
    "Lifecycle",
    "ObjectLock",
    "Plan",
    "Price",
    "Problem",
    "Recipient",
    "Remediation",
    "Settings",
    "SettingsError",
    "SourceIp",
    "StackFile",
    "TrailSettings",
    "TrailSite",
    "Watch",
    "blind_spots",
    "block",
    "find_project",
    "insight_rule_name",
    "merge_answers",
    "monthly_bill",
    "read_answers",
    "read_prices",
    "recommended_sets",
    "replacements",
    "stack_file_path",
    "stacks_of",
]
