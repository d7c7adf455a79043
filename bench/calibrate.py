"""Do the intervals of every card's fits hold the truth? Simulated tables of each design, refitted.

Reads the artefacts under ``results/`` (so after `make report`), simulates tables with the design,
the residuals and the groups of each fit, and takes each the way of the jobs: fit, test of
dependence, resamples, interval (`scaling_studies.fits.calibration`). Writes how often the intervals
held, one row a quantity, to ``config/coverage.csv``, which a check tells on the studies' pages.

Usage: ``python bench/calibrate.py [--tables 300] [--resamples 200] [--jobs 2] [study[/fit] ...]``
With names the rows of other fits are kept. Every 25 tables are kept under ``results/coverage/``, so
that a run that was broken off goes on where it was; they are made anew when the fit, its card or
the code of fits changes.
"""

from __future__ import annotations

import argparse
import hashlib
import multiprocessing
import os
import sys
from functools import cache, partial
from pathlib import Path

for _name in ("OPENBLAS_NUM_THREADS", "OMP_NUM_THREADS", "MKL_NUM_THREADS"):
    os.environ[_name] = "1"

import pandas as pd  # noqa: E402

from scaling_studies.artefacts import files  # noqa: E402
from scaling_studies.cards import load  # noqa: E402
from scaling_studies.cards.resolve import resolve_fit  # noqa: E402
from scaling_studies.errors import FitError  # noqa: E402
from scaling_studies.fits.artefact import FitArtefact  # noqa: E402
from scaling_studies.fits.calibration import COVERAGE, LEAST, coverage  # noqa: E402

ROOT = Path(__file__).resolve().parents[1]
#: Tables that one process takes at a time.
CHUNK = 25
#: Code on which what is kept depends.
CODE = ("engine", "fits", "laws", "models")

Task = tuple[str, str, range]


def held_of(resamples: int, task: Task) -> dict[str, list[bool]]:
    """Whether the intervals of some tables of a fit hold the truth."""
    study, fit_id, numbers = task
    card = load.load_card(ROOT / "config" / "studies" / f"{study}.yaml")
    base = ROOT / "results" / "fits" / study
    artefact = FitArtefact.read(base / f"{fit_id}.json")
    points = files.read_parquet(base / f"{fit_id}.points.parquet")
    entry = resolve_fit(card, fit_id)
    made_of = repr((entry.as_dict(), artefact.parameters, points.to_csv(), resamples, code()))
    key = hashlib.sha256(made_of.encode()).hexdigest()[:16]
    name = f"{numbers.start}-{numbers.stop}-{key}.json"
    kept = ROOT / "results" / "coverage" / study / fit_id / name
    if kept.is_file():
        return files.read_json(kept)["held"]
    try:
        held = coverage(study, fit_id, entry, artefact, points, tables=numbers, resamples=resamples)
    except FitError as error:
        print(f"{study}/{fit_id}: {error}", file=sys.stderr)
        return {}
    kept.parent.mkdir(parents=True, exist_ok=True)
    files.write_json(kept, {"held": held})
    return held


@cache
def code() -> str:
    """Digest of the code of fits."""
    digest = hashlib.sha256()
    for folder in CODE:
        for path in sorted((ROOT / "src/scaling_studies" / folder).rglob("*.py")):
            digest.update(path.read_bytes())
    return digest.hexdigest()


def fits_wanted(names: list[str]) -> list[tuple[str, str]]:
    """Resampled fits of all cards, or of those that are named."""
    found = []
    for study, card in load.load_cards(ROOT / "config" / "studies").items():
        for fit_id, entry in card.fits.items():
            made = (ROOT / "results" / "fits" / study / f"{fit_id}.json").is_file()
            wanted = not names or study in names or f"{study}/{fit_id}" in names
            if entry.is_resampled and entry.reduce is None and made and wanted:
                found.append((study, fit_id))
    return found


def run(fits: list[tuple[str, str]], tables: int, resamples: int, jobs: int) -> pd.DataFrame:
    """Coverage of each quantity of some fits."""
    tasks = [
        (study, fit_id, range(first, min(first + CHUNK, tables)))
        for study, fit_id in fits
        for first in range(0, tables, CHUNK)
    ]
    held: dict[tuple[str, str], dict[str, list[bool]]] = {}
    with multiprocessing.Pool(jobs) as pool:
        parts = pool.imap(partial(held_of, resamples), tasks)
        for (study, fit_id, _), part in zip(tasks, parts, strict=True):
            for name, values in part.items():
                held.setdefault((study, fit_id), {}).setdefault(name, []).extend(values)
    rows = [
        {
            "study": study,
            "fit": fit_id,
            "quantity": name,
            "tables": len(values),
            "resamples": resamples,
            "held": round(sum(values) / len(values), 4),
        }
        for (study, fit_id), quantities in held.items()
        for name, values in quantities.items()
    ]
    return pd.DataFrame(rows, columns=["study", "fit", "quantity", "tables", "resamples", "held"])


def main() -> int:
    """Run and write the record; exit status 1 when an interval holds too seldom."""
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("names", nargs="*", help="studies, or study/fit; all when absent")
    parser.add_argument("--tables", type=int, default=300)
    parser.add_argument("--resamples", type=int, default=200)
    parser.add_argument("--jobs", type=int, default=os.cpu_count() or 1)
    parser.add_argument("--out", type=Path, default=ROOT / COVERAGE)
    options = parser.parse_args()
    fits = fits_wanted(options.names)
    if not fits:
        print("Error: no fit is there to calibrate. Fix: run `make report` first", file=sys.stderr)
        return 2
    found = run(fits, options.tables, options.resamples, options.jobs)
    if options.out.is_file():
        before = pd.read_csv(options.out)
        redone = set(zip(found["study"], found["fit"], strict=True))
        cards = load.load_cards(ROOT / "config" / "studies")
        on_cards = {(study, fit_id) for study, card in cards.items() for fit_id in card.fits}
        pairs = zip(before["study"], before["fit"], strict=True)
        kept = [pair in on_cards - redone for pair in pairs]
        found = pd.concat([before[kept], found], ignore_index=True)
    found = found.sort_values(["study", "fit", "quantity"], kind="stable")
    found.to_csv(options.out, index=False, lineterminator="\n")
    seldom = found[found["held"] < LEAST]
    for row in seldom.itertuples():
        print(f"{row.study}/{row.fit} {row.quantity}: held in {row.held:.1%}", file=sys.stderr)
    return 1 if len(seldom) else 0


if __name__ == "__main__":
    sys.exit(main())
