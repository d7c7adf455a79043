"""Reproducible neural scaling laws: refits of published run tables, with evidence.

The public calls are `fit`, `bootstrap`, `laws` and `get_law`; and for runs of one's own
`read_runs`, `predict`, `allocate`, `rank`, `compare` and `design`. They are loaded on first use,
so that importing the package costs nothing to jobs that do not fit.
"""

from __future__ import annotations

import importlib
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from scaling_studies import laws as laws
    from scaling_studies.answers.allocate import allocate as allocate
    from scaling_studies.answers.answer import Answer as Answer
    from scaling_studies.answers.predict import predict as predict
    from scaling_studies.engine.fit import fit as fit
    from scaling_studies.engine.planning.compare import Comparison as Comparison
    from scaling_studies.engine.planning.compare import compare as compare
    from scaling_studies.engine.planning.design import Design as Design
    from scaling_studies.engine.planning.design import design as design
    from scaling_studies.engine.planning.rank import Ranking as Ranking
    from scaling_studies.engine.planning.rank import rank as rank
    from scaling_studies.engine.result import Fit as Fit
    from scaling_studies.engine.uncertainty.resample import bootstrap as bootstrap
    from scaling_studies.engine.uncertainty.result import Bootstrap as Bootstrap
    from scaling_studies.errors import FitError as FitError
    from scaling_studies.errors import ScalingStudiesError as ScalingStudiesError
    from scaling_studies.laws import get_law as get_law
    from scaling_studies.models.law import Law as Law
    from scaling_studies.reading.read import read_runs as read_runs

_PUBLIC = {
    "Answer": "scaling_studies.answers.answer",
    "Bootstrap": "scaling_studies.engine.uncertainty.result",
    "Comparison": "scaling_studies.engine.planning.compare",
    "Design": "scaling_studies.engine.planning.design",
    "Fit": "scaling_studies.engine.result",
    "FitError": "scaling_studies.errors",
    "Law": "scaling_studies.models.law",
    "Ranking": "scaling_studies.engine.planning.rank",
    "ScalingStudiesError": "scaling_studies.errors",
    "allocate": "scaling_studies.answers.allocate",
    "bootstrap": "scaling_studies.engine.uncertainty.resample",
    "compare": "scaling_studies.engine.planning.compare",
    "design": "scaling_studies.engine.planning.design",
    "fit": "scaling_studies.engine.fit",
    "get_law": "scaling_studies.laws",
    "predict": "scaling_studies.answers.predict",
    "rank": "scaling_studies.engine.planning.rank",
    "read_runs": "scaling_studies.reading.read",
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
