"""The function of the test program."""

import os
from pathlib import Path


def handle(event, context):
    """Say what reached the function: its environment, its files, its event."""
    hello = Path(__file__).with_name("data") / "hello.txt"
    return {"greeting": os.environ["GREETING"], "file": hello.read_text(), "event": event}
