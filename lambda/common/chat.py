"""A report in the form that Amazon Q Developer in chat applications shows in Slack and Teams, and that programs read.

Source: "Custom notifications using Amazon Q Developer in chat applications", its user guide.
"""

import json
import re
from collections.abc import Mapping, Sequence
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from common.report import Report


def chat_text(report: "Report", attributes: Mapping[str, str | Sequence[str]]) -> str:
    """One JSON document: title, the mail's text in its own columns, below it the links, and the attributes.

    The text stands in a block of code, which keeps the columns and formats nothing. The links of the mail are ours, and
    would not be links within it.
    """
    lines = _harmless(report.body).rstrip().splitlines()
    links: list[str] = []
    kept: list[str] = []
    for line in lines:
        if line.startswith("  https://"):
            label = kept[-1].partition("  ")[0] if kept else ""
            links.append(f"{label}: {line.strip()}")
        else:
            kept.append(line)
    document = {
        "version": "1.0",
        "source": "custom",
        "content": {
            "textType": "client-markdown",
            "title": _harmless(report.subject),
            "description": "\n".join(["```", *kept, "```"]),
            **({"nextSteps": links} if links else {}),
        },
        "metadata": {
            "summary": _harmless(report.subject),
            "additionalContext": {
                name: value if isinstance(value, str) else ", ".join(value)
                for name, value in attributes.items()
                if value
            },
        },
    }
    return json.dumps(document, ensure_ascii=False)


def _harmless(text: str) -> str:
    """Without what a stranger may choose to end the block (backticks), or to call a whole channel (`<!channel>`)."""
    return re.sub(r"<(?=\S)", "(", text.replace("`", "'"))
