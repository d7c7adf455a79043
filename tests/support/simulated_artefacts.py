"""Artefacts of a small simulated study, made by the engine, for tests of figures and pages."""

from __future__ import annotations

from dataclasses import asdict
from pathlib import Path
from typing import Any

import numpy as np
import pandas as pd
from card_entries import fit_entry
from made_estimates import agreement_tables

from scaling_studies import bootstrap, fit
from scaling_studies.artefacts import files
from scaling_studies.cards.models.study import StudyCard
from scaling_studies.comparisons.allocation import allocation
from scaling_studies.comparisons.exponents import exponents, gather_parameters
from scaling_studies.comparisons.held_out import held_out
from scaling_studies.comparisons.trade_offs import plans_for, trade_offs
from scaling_studies.engine.uncertainty.profile import profile_interval
from scaling_studies.fits import uncertainty
from scaling_studies.fits.artefact import FitArtefact
from scaling_studies.fits.resampling import resample_study
from scaling_studies.verdicts.columns import verdict_table
from scaling_studies.verdicts.facts import Facts
from scaling_studies.verdicts.laws import law_rows, law_table, laws_of
from scaling_studies.verdicts.table import verdict_rows

STUDY = "simulated_2020"
TRUTH = {"E": 1.7, "A": 400.0, "B": 1500.0, "alpha": 0.34, "beta": 0.35}
PRINTED = {"E": 1.65, "A": 380.0, "B": 900.0, "alpha": 0.33, "beta": 0.32}
RECORD = {
    "rule": "simulate",
    "inputs": {"data/simulated_2020/runs.csv": "ab" * 32},
    "code": "0123456789abcdef",
    "seed": 7,
    "python": "3.11",
    "packages": {"numpy": "2"},
}

CARD: dict[str, Any] = {
    "study": STUDY,
    "title": "A simulated study",
    "citation": {
        "authors": "Nobody, No One",
        "year": 2020,
        "title": "Nothing at all",
        "arxiv": "2001.00001",
        "url": "https://example.org/code",
    },
    "question": "Do simulated runs follow the law that made them?",
    "summary": ["Sixty runs were simulated."],
    "notes": ["Nothing here was measured."],
    "tables": {
        "runs": {
            "file": "simulated_2020/runs.csv",
            "provenance": "simulated",
            "columns": {"params_non_embedding": {"from": "n"}},
            "measurements": [{"metric": "loss", "unit": "nats_per_token", "from": "loss"}],
        }
    },
    "laws": {
        "additive": {"name": "The simulated law", "fits": ["refit"]},
        "printed": {"name": "The printed law", "fits": ["printed"]},
    },
    "fits": {
        "refit": {
            "title": "Additive law, simulated runs",
            "law": "additive",
            "axes": {"params": "params_non_embedding", "tokens": "tokens"},
            "response": {"metric": "loss"},
            "reading": "The truth is known.",
            "targets": [
                {
                    "quantity": "alpha",
                    "value": str(TRUTH["alpha"]),
                    "tolerance": 0.05,
                    "tolerance_kind": "absolute",
                    "tolerance_reason": "The runs are noisy.",
                    "where": "the simulation",
                },
                {
                    "quantity": "beta",
                    "value": "0.90",
                    "where": "nowhere",
                    "expected": "not_reproduced",
                    "reason": "It was made up.",
                },
            ],
        },
        "printed": {
            "title": "Additive law as printed",
            "law": "additive",
            "estimator": "evaluate",
            "axes": {"params": "params_non_embedding", "tokens": "tokens"},
            "response": {"metric": "loss"},
            "targets": [],
            "quantities": {
                "counted_exponent": {
                    "frontier_exponent": {
                        "sizes": {"low": 1e3, "high": 1e9, "count": 20},
                        "embedding": {"coefficient": 5e4, "exponent": 0.33},
                        "counted": "non_embedding",
                        "flops": {"low": 1e13, "high": 1e20, "count": 40},
                    }
                }
            },
        },
        "error": {
            "title": "Error from loss",
            "law": "error_from_loss",
            "axes": {"loss": {"metric": "loss"}},
            "response": {"metric": "error"},
            "targets": [],
        },
        "curve_1.4b": {
            "title": "Task: power law, first points",
            "law": "power",
            "axes": {"x": "samples"},
            "response": {"metric": "loss"},
            "targets": [],
        },
    },
}


def simulated_runs() -> pd.DataFrame:
    """Sixty runs over sizes and token multipliers with some noise; the five largest held out."""
    generator = np.random.default_rng(3)
    params = np.repeat(np.geomspace(2e7, 2e10, 12), 5)
    tokens = params * np.tile([5.0, 10.0, 20.0, 40.0, 160.0], 12)
    loss = (
        TRUTH["E"] + TRUTH["A"] * params ** -TRUTH["alpha"] + TRUTH["B"] * tokens ** -TRUTH["beta"]
    )
    loss *= np.exp(generator.normal(0.0, 0.004, len(loss)))
    frame = pd.DataFrame({"params": params, "tokens": tokens, "observed": loss})
    frame.insert(0, "row_key", [f"run_{i:02d}" for i in range(len(frame))])
    frame.insert(1, "run_id", frame["row_key"])
    frame["params_total"] = 1.1 * params
    frame["params_non_embedding"] = params
    frame["role"] = np.where(np.arange(len(frame)) >= 55, "held_out", "fit")
    frame["observed_low"] = loss * 0.99
    frame["observed_high"] = loss * 1.01
    return frame


def simulated_errors() -> pd.DataFrame:
    """Error that follows the simulated losses."""
    runs = simulated_runs()
    wiggle = 0.003 * np.sin(np.arange(len(runs)))
    return runs.assign(
        loss=runs["observed"], observed=0.86 - 2.0 * np.exp(-0.8 * runs["observed"]) + wiggle
    ).drop(columns=["params", "tokens", "observed_low", "observed_high"])


def simulated_curve() -> pd.DataFrame:
    """Eight points of a learning curve whose last two leave the power law."""
    samples = np.geomspace(1e5, 1e8, 8)
    loss = 4.0 * samples**-0.12 * np.array([1, 1.002, 0.999, 1.001, 1, 0.999, 1.04, 1.09])
    return pd.DataFrame(
        {
            "row_key": [f"curve_{i}" for i in range(8)],
            "run_id": [f"curve_{i}" for i in range(8)],
            "x": samples,
            "samples": samples,
            "sample_unit": "word_pieces",
            "observed": loss,
            "observed_low": np.nan,
            "observed_high": np.nan,
            "role": ["fit"] * 6 + ["held_out"] * 2,
        }
    )


def write_artefacts(results: Path) -> Path:
    """Fit, resample, judge and compare the simulated rows; write everything below ``results``."""
    runs, curve = simulated_runs(), simulated_curve()
    written = {
        "refit": _write_fit(results, "refit", "additive", runs, {}),
        "printed": _write_fit(
            results, "printed", "additive", runs, {"estimator": "evaluate", "fixed": PRINTED}
        ),
        "error": _write_fit(
            results, "error", "error_from_loss", simulated_errors(), {"objective": "squared"}
        ),
        "curve_1.4b": _write_fit(
            results, "curve_1.4b", "power", curve, {"objective": "squared_log"}
        ),
    }
    fits = {name: artefact for name, (artefact, _, _, _) in written.items()}
    points = [points for _, points, _, _ in written.values()]
    resamples = [frame for _, _, frame, _ in written.values()]
    intervals = {name: summary for name, (_, _, _, summary) in written.items()}
    card = StudyCard.rebuilt(CARD)
    verdicts = verdict_rows(STUDY, card.fits, fits, intervals)
    laws = laws_of(card.fits, card.laws, {name: fit.title for name, fit in fits.items()})
    of_fits = {
        name: {column: frame[column].to_numpy() for column in frame}
        for name, frame in zip(fits, points, strict=True)
    }
    found = law_rows(STUDY, laws, card.fits, Facts(fits, intervals), verdicts, of_fits, [])
    everything = list(fits.values()), list(intervals.values())
    written_tables = {
        "verdicts.parquet": verdict_table(verdicts),
        "laws.parquet": law_table(found),
        "fits.parquet": gather_parameters(*everything),
        "comparisons/exponents.parquet": exponents(*everything),
        "comparisons/allocation.parquet": allocation(everything[0], points, resamples),
        "comparisons/held_out.parquet": held_out(everything[0], points, resamples),
        "comparisons/plans.parquet": plans_for(trade_offs(everything[0], points, [])),
    }
    written_tables |= {
        f"comparisons/{name}.parquet": table for name, table in agreement_tables().items()
    }
    for name, table in written_tables.items():
        files.write_parquet(results / name, table, RECORD)
    return results


def _write_fit(
    results: Path, name: str, law: str, rows: pd.DataFrame, settings: dict[str, Any]
) -> tuple[FitArtefact, pd.DataFrame, pd.DataFrame, uncertainty.Uncertainty]:
    fitted_rows = rows[rows["role"] == "fit"]
    found = fit(law, fitted_rows, response="observed", **settings)
    points = rows.assign(predicted=found.predict(rows), weight=1.0)
    points["residual"] = points["observed"] - points["predicted"]
    points["relative_residual"] = points["predicted"] / points["observed"] - 1.0
    evaluated = settings.get("estimator") == "evaluate"
    artefact = FitArtefact(
        study=STUDY,
        fit=name,
        title=CARD["fits"][name]["title"],
        law=law,
        formula="L = ...",
        estimator=settings.get("estimator", "parametric"),
        objective={"name": found.objective.name, **found.objective.constants},
        n=len(fitted_rows),
        n_held_out=int((rows["role"] == "held_out").sum()),
        parameters={key: float(value) for key, value in found.parameters.items()},
        fixed={},
        objective_value=float(found.objective_value),
        quantities={
            key: float(value) for key, value in found.quantities().items() if np.isfinite(value)
        },
        evidence=found.evidence.as_dict(),
        converged=bool(found.converged),
        identified=bool(found.identified),
        messages=list(found.messages),
        profile=asdict(profile_interval(found, "E")) if name == "refit" else None,
        uncertainty=uncertainty.stated_uncertainty(
            STUDY, name, fit_entry({"estimator": "evaluate" if evaluated else "parametric"})
        ),
        headline=["alpha"] if "alpha" in found.parameters else [],
        provenance=RECORD,
    )
    base = f"{STUDY}/{name}"
    artefact.write(results / f"fits/{base}.json", RECORD)
    files.write_parquet(results / f"fits/{base}.points.parquet", points, RECORD)
    if artefact.uncertainty:
        return artefact, points, pd.DataFrame(), artefact.uncertainty
    frame = bootstrap(found, resamples=60, seed=1).frame()
    entry = {"law": law, "resample": {"kind": "pairs"}}
    kept = ["resample", *found.parameters, "objective_value", "converged", "found_elsewhere"]
    draws = frame[kept].assign(freedom=float(found.n - len(found.parameters)))
    frame, summary = resample_study(STUDY, name, fit_entry(entry), artefact, points, {}, draws)
    files.write_parquet(results / f"resamples/{base}.parquet", frame, RECORD)
    summary.write(results / f"resamples/{base}.json", RECORD)
    return artefact, points, frame, summary
