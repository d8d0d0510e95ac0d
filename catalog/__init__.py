"""The event sets as data: what to watch, why, how loud, which control asks for it, and sample events that prove it."""

from catalog.loader import EVENT_SETS, Catalogue
from catalog.model import (
    AUDITORS,
    BENCHMARKS,
    PACKS,
    SEVERITIES,
    CatalogError,
    EventSet,
    Noise,
    Sample,
    Severity,
    Verdict,
)
from catalog.template import RenderError

__all__ = [
    "AUDITORS",
    "BENCHMARKS",
    "EVENT_SETS",
    "PACKS",
    "SEVERITIES",
    "CatalogError",
    "Catalogue",
    "EventSet",
    "Noise",
    "RenderError",
    "Sample",
    "Severity",
    "Verdict",
]
