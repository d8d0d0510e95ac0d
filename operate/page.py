"""The frame of our HTML pages: nothing is loaded and nothing runs, and a browser is told so."""

from __future__ import annotations

from collections.abc import Iterable
from html import escape

from settings.version import VERSION

_POLICY = "default-src 'none'; style-src 'unsafe-inline'"
_STYLE = """
:root { color-scheme: light dark; --ink: #1b1f24; --faint: #6a737d; --line: #d0d7de; --bar: #3b82c4; --loud: #c4473b; }
@media (prefers-color-scheme: dark) {
  :root { --ink: #e6edf3; --faint: #8b949e; --line: #30363d; --bar: #58a6ff; --loud: #f47067; }
}
body { font: 15px/1.5 system-ui, sans-serif; color: var(--ink); max-width: 72rem; margin: 2rem auto; padding: 0 1rem; }
h1 { font-size: 1.5rem; } h2 { font-size: 1.1rem; margin: 2.5rem 0 .3rem; border-top: 1px solid var(--line);
  padding-top: 1rem; }
table { border-collapse: collapse; width: 100%; } td, th { text-align: left; padding: .25rem .8rem .25rem 0;
  border-bottom: 1px solid var(--line); vertical-align: top; } .n { text-align: right; }
.faint { color: var(--faint); } .loud { color: var(--loud); }
.plot { display: flex; align-items: flex-end; gap: 1px; height: 7rem; border-bottom: 1px solid var(--line); }
.plot div { flex: 1; background: var(--bar); min-width: 1px; } .plot .alarm { background: var(--loud); }
.axis { display: flex; justify-content: space-between; color: var(--faint); font-size: .85rem; }
.share { display: inline-block; height: .7rem; background: var(--bar); vertical-align: middle; margin-right: .5rem; }
pre { white-space: pre-wrap; overflow-wrap: anywhere; border: 1px solid var(--line); padding: .5rem; }
"""


def page(title: str, body: Iterable[str]) -> str:
    """A whole page. `body` are lines of HTML, in which every text is escaped already."""
    return "\n".join(
        [
            "<!doctype html>",
            '<html lang="en"><head><meta charset="utf-8">',
            f'<meta http-equiv="Content-Security-Policy" content="{_POLICY}">',
            '<meta name="viewport" content="width=device-width">',
            f"<title>{escape(title)}</title><style>{_STYLE}</style></head><body>",
            *body,
            f'<p class="faint">trailwarden {VERSION}</p></body></html>',
            "",
        ]
    )
