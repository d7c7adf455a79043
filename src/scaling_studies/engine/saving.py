"""Fits as files: JSON of plain values, with a version and a checksum, and no code."""

from __future__ import annotations

import hashlib
import json
import math
from dataclasses import asdict, fields
from pathlib import Path
from typing import Any

import numpy as np

from scaling_studies.artefacts.files import write_bytes
from scaling_studies.engine.objectives import get_objective
from scaling_studies.engine.problem import Problem
from scaling_studies.engine.result import Fit
from scaling_studies.engine.search.evidence import Evidence
from scaling_studies.engine.search.optimum import Optimum
from scaling_studies.errors import ArtefactError, FitError
from scaling_studies.laws import get_law

FORMAT, VERSION = "scaling-studies fit", 1
#: Relative difference between the recorded objective and the one at the recorded parameters.
SAME = 1e-9
_ARRAYS = ("coordinates", "gradient", "rival")


def save(fit: Fit, path: str | Path) -> None:
    """Write a fit; see `Fit.save`."""
    if fit.refit is not None:
        raise FitError(
            f"a fit by {fit.evidence.estimator} is no minimisation that could go on from a file",
            fix="keep its numbers, fit.to_json(), or the rows, and fit again",
        )
    if fit.law != get_law(fit.law.name):
        raise FitError(
            f"law {fit.law.name} is not that of the registry", fix="put it into a file in laws/"
        )
    problem, optimum = fit.problem, fit.optimum
    content = _plain(
        {
            "law": fit.law.name,
            "objective": {"name": fit.objective.name, "delta": fit.objective.delta},
            "axes": dict(problem.axes),
            "response": problem.response,
            "weights": problem.weights,
            "groups": None if fit.groups is None else fit.groups.astype(str),
            "fixed": problem.fixed,
            "shared": problem.shared,
            "bounds": {name: list(ends) for name, ends in problem.bounds.items()},
            "parameters": fit.parameters,
            "objective_value": fit.objective_value,
            "n": fit.n,
            "evidence": fit.evidence.as_dict(),
            "messages": fit.messages,
            "optimum": None if optimum is None else asdict(optimum),
            "scale": fit.scale,
            "extra": fit.extra,
            "statistics": fit.statistics,
        }
    )
    text = json.dumps(content, sort_keys=True, ensure_ascii=False, allow_nan=False)
    record = {"format": FORMAT, "version": VERSION, "sha256": _digest(text), "fit": content}
    text = json.dumps(record, sort_keys=True, ensure_ascii=False, allow_nan=False)
    write_bytes(path, f"{text}\n".encode(), checksum=False)


def load(path: str | Path) -> Fit:
    """Read a fit that `Fit.save` wrote.

    Raises
    ------
    ArtefactError
        There is no such file, or it is damaged, or of another version.
    """
    name = Path(path).name
    try:
        record = json.loads(Path(path).read_text(encoding="utf-8"))
        if not isinstance(record, dict) or record.get("format") != FORMAT:
            raise ArtefactError(f"{name} is no saved fit", fix="name a file that Fit.save wrote")
        if record["version"] != VERSION:
            raise ArtefactError(
                f"{name} is a fit of version {record['version']}, not {VERSION}",
                fix="fit again with this version of the package",
            )
        text = json.dumps(record["fit"], sort_keys=True, ensure_ascii=False, allow_nan=False)
        if record["sha256"] != _digest(text):
            raise ValueError("the checksum differs")
        return _fit(record["fit"])
    except OSError as error:
        raise ArtefactError(
            f"{name} cannot be read: {error.strerror}", fix="correct the path"
        ) from None
    except (ValueError, KeyError, TypeError, AttributeError, RecursionError, FitError) as error:
        raise ArtefactError(
            f"{name} is damaged ({type(error).__name__}: {error})", fix="save the fit again"
        ) from None


def to_json(fit: Fit) -> dict[str, Any]:
    """Plain values of a fit; see `Fit.to_json`."""
    return _readable(
        {
            "law": fit.law.name,
            "n": fit.n,
            "parameters": fit.parameters,
            "objective": {"name": fit.objective.name, **fit.objective.constants},
            "objective_value": fit.objective_value,
            "converged": fit.converged,
            "identified": fit.identified,
            "warnings": fit.messages,
            "quantities": fit.quantities(),
            "evidence": fit.evidence.as_dict(),
        }
    )


def _digest(text: str) -> str:
    return hashlib.sha256(text.encode()).hexdigest()


def _fit(content: dict[str, Any]) -> Fit:
    law = get_law(content["law"])
    axes = {
        axis.name: np.array(content["axes"][axis.name], dtype=object if axis.text else float)
        for axis in law.axes
    }
    weights = content["weights"]
    problem = Problem(
        law,
        axes,
        np.array(content["response"], dtype=float),
        get_objective(content["objective"]["name"], float(content["objective"]["delta"])),
        weights=None if weights is None else np.array(weights, dtype=float),
        fixed=_numbers(content["fixed"]),
        shared=content["shared"],
        bounds={name: (float(low), float(high)) for name, (low, high) in content["bounds"].items()},
    )
    optimum = None if content["optimum"] is None else _optimum(content["optimum"])
    if optimum is not None:
        value = float(problem.evaluate(optimum.coordinates[None, :], order=0)[0][0])
        if not math.isclose(value, float(content["objective_value"]), rel_tol=SAME, abs_tol=1e-30):
            raise ValueError("its numbers do not belong together")
    groups = content["groups"]
    return Fit(
        law=law,
        parameters=_numbers(content["parameters"]),
        objective=problem.objective,
        objective_value=float(content["objective_value"]),
        n=int(content["n"]),
        evidence=_typed(Evidence, content["evidence"]),
        messages=[str(message) for message in content["messages"]],
        problem=problem,
        optimum=optimum,
        groups=None if groups is None else np.array(groups),
        scale=float(content["scale"]),
        extra=_numbers(content["extra"]),
        statistics=_numbers(content["statistics"]),
    )


def _optimum(content: dict[str, Any]) -> Optimum:
    arrays = {
        name: None if content[name] is None else np.array(content[name], dtype=float)
        for name in _ARRAYS
    }
    return _typed(Optimum, {**content, **arrays})


def _typed(kind: Any, content: dict[str, Any]) -> Any:
    """A dataclass from plain values; infinities and not-a-number stand as text."""
    special = ("nan", "inf", "-inf")
    values = {
        name: float(value) if isinstance(value, str) and value in special else value
        for name, value in content.items()
    }
    return kind(**{item.name: values[item.name] for item in fields(kind)})


def _numbers(content: dict[str, Any]) -> dict[str, float]:
    return {str(name): float(value) for name, value in content.items()}


def _plain(value: Any) -> Any:
    """Values that JSON holds; numbers that it does not hold as text."""
    if isinstance(value, dict):
        return {str(name): _plain(item) for name, item in value.items()}
    if isinstance(value, np.ndarray | np.generic):
        return _plain(value.tolist())
    if isinstance(value, list | tuple):
        return [_plain(item) for item in value]
    if isinstance(value, float) and not math.isfinite(value):
        return str(value)
    return value


def _readable(value: Any) -> Any:
    """As `_plain`, for programs: what is not known is None."""
    if isinstance(value, dict):
        return {str(name): _readable(item) for name, item in value.items()}
    if isinstance(value, list | tuple):
        return [_readable(item) for item in value]
    if isinstance(value, np.generic):
        return _readable(value.item())
    return None if isinstance(value, float) and not math.isfinite(value) else value
