"""Do the intervals of every card's fits hold the truth? Simulated tables of each design, refitted.

Reads the artefacts under ``results/`` (so after `make report`), simulates tables with the design,
the residuals and the groups of each fit, and takes each the way of the jobs: fit, test of
dependence, resamples, interval (`scaling_studies.fits.calibration`). Writes how often the intervals
held, one row a quantity, to ``config/coverage.csv``, which a check tells on the studies' pages.

Usage: ``python bench/calibrate.py [--tables 300] [--jobs 2] [--hours H] [study[/fit] ...]``
With names the rows of other fits are kept. Rounds of 25 tables of every fit are taken one after
another; the record is written after each, and says of how many tables it is made. They are kept
under ``results/coverage/``, so that a run that was broken off goes on where it was, and made anew
when the fit, its card or the code of fits changes.
"""

from __future__ import annotations

import argparse
import hashlib
import multiprocessing
import os
import resource
import sys
import time
from collections.abc import Iterator
from functools import cache, partial
from pathlib import Path

for _name in ("OPENBLAS_NUM_THREADS", "OMP_NUM_THREADS", "MKL_NUM_THREADS"):
    os.environ[_name] = "1"

import pandas as pd  # noqa: E402

from scaling_studies.artefacts import files  # noqa: E402
from scaling_studies.cards import load  # noqa: E402
from scaling_studies.cards.resolve import resolve_fit  # noqa: E402
from scaling_studies.fits.artefact import FitArtefact  # noqa: E402
from scaling_studies.fits.calibration import COVERAGE, LEAST, coverage  # noqa: E402

ROOT = Path(__file__).resolve().parents[1]
#: Tables that one process takes at a time.
CHUNK = 25
#: Code on which what is kept depends.
CODE = ("engine", "fits", "laws", "models")

Task = tuple[str, str, range]
Held = dict[str, list[bool]]


def held_of(resamples: int, task: Task) -> tuple[Held, str]:
    """Whether the intervals of some tables of a fit hold the truth; or why that cannot be told."""
    study, fit_id, numbers = task
    try:
        return kept_or_made(study, fit_id, numbers, resamples), ""
    except Exception as error:  # of hundreds of fits one must not stop the others
        return {}, f"{type(error).__name__}: {error}"


def kept_or_made(study: str, fit_id: str, numbers: range, resamples: int) -> Held:
    """Coverage of some tables of a fit, from a run that was broken off where there is one."""
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
    held = coverage(study, fit_id, entry, artefact, points, tables=numbers, resamples=resamples)
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


def fits_wanted(names: list[str]) -> tuple[list[tuple[str, str]], dict[str, str]]:
    """Resampled fits of all cards, or of those that are named, and why others are left out."""
    found, left_out = [], {}
    for study, card in load.load_cards(ROOT / "config" / "studies").items():
        for fit_id, entry in card.fits.items():
            made = (ROOT / "results" / "fits" / study / f"{fit_id}.json").is_file()
            if names and study not in names and f"{study}/{fit_id}" not in names:
                continue
            if not entry.is_resampled:
                continue
            if entry.reduce is not None:
                left_out[f"{study}/{fit_id}"] = "its rows are made of others, which are drawn"
            elif not made:
                left_out[f"{study}/{fit_id}"] = "no results (`make report` makes them)"
            else:
                found.append((study, fit_id))
    return found, left_out


def run(
    fits: list[tuple[str, str]], options: argparse.Namespace, left_out: dict[str, str]
) -> Iterator[pd.DataFrame]:
    """Coverage of each quantity of some fits, again after each round of tables."""
    held: dict[tuple[str, str], Held] = {}
    begin = time.monotonic()
    with multiprocessing.Pool(options.jobs) as pool:
        for first in range(0, options.tables, CHUNK):
            numbers = range(first, min(first + CHUNK, options.tables))
            told = [pair for pair in fits if "/".join(pair) not in left_out]
            tasks = [(study, fit_id, numbers) for study, fit_id in told]
            parts = pool.imap(partial(held_of, options.resamples), tasks)
            for pair, (part, why) in zip(told, parts, strict=True):
                if why:
                    left_out["/".join(pair)] = why
                for name, values in part.items():
                    held.setdefault(pair, {}).setdefault(name, []).extend(values)
            yield record(held, options.resamples)
            hours = (time.monotonic() - begin) / 3600
            print(f"{numbers.stop} tables of {len(told)} fits after {hours:.2f} h", flush=True)
            if options.hours is not None and hours >= options.hours:
                return


def record(held: dict[tuple[str, str], Held], resamples: int) -> pd.DataFrame:
    """One row a quantity of each fit."""
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


def with_others(found: pd.DataFrame, before: pd.DataFrame | None) -> pd.DataFrame:
    """The record with the rows of fits that were not done again, as long as a card has them."""
    if before is not None:
        redone = set(zip(found["study"], found["fit"], strict=True))
        cards = load.load_cards(ROOT / "config" / "studies")
        on_cards = {(study, fit_id) for study, card in cards.items() for fit_id in card.fits}
        pairs = zip(before["study"], before["fit"], strict=True)
        kept = [pair in on_cards - redone for pair in pairs]
        found = pd.concat([before[kept], found], ignore_index=True)
    return found.sort_values(["study", "fit", "quantity"], kind="stable")


def main() -> int:
    """Run and write the record; exit status 1 when an interval holds too seldom."""
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("names", nargs="*", help="studies, or study/fit; all when absent")
    parser.add_argument("--tables", type=int, default=300)
    parser.add_argument("--resamples", type=int, default=256, help="two whole blocks")
    parser.add_argument("--jobs", type=int, default=os.cpu_count() or 1)
    parser.add_argument("--hours", type=float, help="no round of tables begins after so many")
    parser.add_argument("--out", type=Path, default=ROOT / COVERAGE)
    options = parser.parse_args()
    fits, left_out = fits_wanted(options.names)
    if not fits:
        print("Error: no fit is there to calibrate. Fix: run `make report` first", file=sys.stderr)
        return 2
    before = pd.read_csv(options.out) if options.out.is_file() else None
    found = record({}, options.resamples)
    for found in run(fits, options, left_out):
        with_others(found, before).to_csv(options.out, index=False, lineterminator="\n")
    for name, why in left_out.items():
        print(f"{name} left out: {why}", file=sys.stderr)
    seldom = found[found["held"] < LEAST]
    for row in seldom.itertuples():
        print(f"{row.study}/{row.fit} {row.quantity}: held in {row.held:.1%}", file=sys.stderr)
    spent = [resource.getrusage(who) for who in (resource.RUSAGE_SELF, resource.RUSAGE_CHILDREN)]
    print(f"{sum(used.ru_utime + used.ru_stime for used in spent):.0f} CPU seconds")
    return 1 if len(seldom) else 0


if __name__ == "__main__":
    sys.exit(main())
