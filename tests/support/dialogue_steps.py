"""What is typed in a whole dialogue of the wizard, question by question, and a stack file to begin from."""

from catalog import EVENT_SETS
from tests.support.typist import CLEAR, DOWN, ENTER, Step

RECOMMENDED = {name: {} for name, each in EVENT_SETS.items() if each.recommended}

STACK_PROD: Step = ("Which stack?", ENTER)

HOME_DUBLIN: Step = ("Home region?", "ireland" + ENTER)

REGIONS_AS_TICKED: Step = ("Which regions do you work in?", ENTER)

TWO_MAILS: Step = ("Who gets the alerts?", "security@example.com, oncall@example.com" + ENTER)

SETS_AS_TICKED: Step = ("What should raise an alert?", ENTER)

NO_RANGE: Step = ("Alert when addresses make many calls?", ENTER)

RESTORE: Step = ("When somebody stops the trail?", ENTER)

WRITE: Step = ("Write it?", "y")

SHORTEST = (STACK_PROD, HOME_DUBLIN, REGIONS_AS_TICKED, TWO_MAILS, SETS_AS_TICKED, NO_RANGE, RESTORE)

TWO_RANGES: tuple[Step, ...] = (
    ("Alert when addresses make many calls?", DOWN + ENTER),
    ("Which addresses?", "203.0.113.0/24" + ENTER),
    ("A name for them?", CLEAR + "office" + ENTER),
    ("Count which calls?", ENTER),
    ("How many calls raise the alarm?", ENTER),
    ("Within how many seconds?", ENTER),
    ("add more addresses", DOWN + ENTER),
    ("Which addresses?", "198.51.100.7, 198.51.100.9" + ENTER),
    ("A name for them?", CLEAR + "vpn" + ENTER),
    ("Count which calls?", DOWN + ENTER),
    ("How many calls raise the alarm?", CLEAR + "100" + ENTER),
    ("Within how many seconds?", CLEAR + "600" + ENTER),
    ("go on with these", ENTER),
)

OFFICE = {"name": "office", "cidr": "203.0.113.0/24", "match": "inside", "threshold": 30, "period": 300}

VPN = {"name": "vpn", "cidr": ["198.51.100.7", "198.51.100.9"], "match": "outside", "threshold": 100, "period": 600}

PRESENT = """\
# who to ask: the platform team
encryptionsalt: v1:abcdefgh=:v1:0123456789abcdef:Zm9vYmFy
config:
  aws:region: eu-central-1 # where we are
  aws:allowedAccountIds: ["012345678901"]
  other:key: kept
  trailwarden:trail: {mode: create}
  trailwarden:regions: [us-east-1, eu-central-1]
  trailwarden:emails:
    - security@example.com # the team's list
    - oncall@example.com
  trailwarden:subscribers:
    - {protocol: email-json, endpoint: robot@example.com}
  trailwarden:eventSets:
    unauthorized-api-calls: {threshold: 10}
    trail-changes: {}
  trailwarden:customSets:
    snapshots-shared:
      title: A snapshot was shared
      pattern: '{ $.eventName = "ModifySnapshotAttribute" }'
      severity: high
  trailwarden:sourceIps:
    - name: office
      cidr: 203.0.113.0/24
      severity: high # they pay more
    - {name: vpn, cidr: 198.51.100.0/24, match: outside}
  trailwarden:remediation: {mode: notify}
  trailwarden:alerts: {displayName: Acme security}
  trailwarden:evidence: keep
  trailwarden:webhook:
    secure: AAABAGfQvs9Bm9
"""

AS_IT_IS: tuple[Step, ...] = (
    ("Which stack?", ENTER),
    ("Home region?", ENTER),
    ("Which regions do you work in?", ENTER),
    ("Who gets the alerts?", ENTER),
    ("What should raise an alert?", ENTER),
    ("go on with these", ENTER),
    ("When somebody stops the trail?", ENTER),
)
