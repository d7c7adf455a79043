"""Reproducible neural scaling laws: refits of published run tables, with evidence.

The public calls are `fit`, `bootstrap`, `compare`, `design`, `laws` and `get_law`. They are
loaded on first use, so that importing the package costs nothing to jobs that do not fit.
"""

from __future__ import annotations

import importlib

_PUBLIC = {
    "Bootstrap": "scaling_studies.engine.uncertainty.result",
    "Comparison": "scaling_studies.engine.planning.compare",
    "Design": "scaling_studies.engine.planning.design",
    "Fit": "scaling_studies.engine.result",
    "FitError": "scaling_studies.errors",
    "Law": "scaling_studies.models.law",
    "ScalingStudiesError": "scaling_studies.errors",
    "bootstrap": "scaling_studies.engine.uncertainty.resample",
    "compare": "scaling_studies.engine.planning.compare",
    "design": "scaling_studies.engine.planning.design",
    "fit": "scaling_studies.engine.fit",
    "get_law": "scaling_studies.laws",
}

__all__ = [*sorted(_PUBLIC), "laws"]


def __getattr__(name: str) -> object:
    if name == "laws":
        return importlib.import_module("scaling_studies.laws")
    if name in _PUBLIC:
        return getattr(importlib.import_module(_PUBLIC[name]), name)
    raise AttributeError(f"module {__name__!r} has no attribute {name!r}")


def __dir__() -> list[str]:
    return sorted([*globals(), *__all__])
