"""What all queues have in common."""

LONGEST_KEPT_S = 14 * 24 * 3600
"""The longest that SQS keeps a message (API SetQueueAttributes, `MessageRetentionPeriod`)."""
