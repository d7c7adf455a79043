"""Rules resample_<study> and resample_fit: uncertainty of fits, of those first that others need."""

import json
from graphlib import TopologicalSorter
from pathlib import Path

import pandas as pd

from scaling_studies.artefacts import files, logs, provenance
from scaling_studies.cards.models.fit import ResolvedFit
from scaling_studies.fits.artefact import FitArtefact
from scaling_studies.fits.resampling import draw_resamples, resample_study
from scaling_studies.runs.run_files import read_runs

logs.start(snakemake.log[0])
study, entries = snakemake.params.study, ResolvedFit.all_from_text(snakemake.params.entries)
needed = json.loads(snakemake.params.needed)
fits, points, frames_of, intervals_of = (
    {Path(path).name.split(ending)[0]: path for path in paths}
    for paths, ending in (
        (snakemake.input.fits, ".json"),
        (snakemake.input.points, ".points.parquet"),
        (snakemake.output.resamples, ".parquet"),
        (snakemake.output.intervals, ".json"),
    )
)
frames = {Path(path).stem: files.read_parquet(path) for path in snakemake.input.chained}
frames_of |= {Path(path).stem: path for path in snakemake.input.chained}

for fit_id in TopologicalSorter(needed).static_order():
    if fit_id not in entries:
        continue
    entry, seed = entries[fit_id], provenance.seed_from_name(study, fit_id)
    fit, rows = FitArtefact.read(fits[fit_id]), files.read_parquet(points[fit_id])
    runs = snakemake.params.runs[fit_id]
    if snakemake.input.shards:
        draws = pd.concat(map(files.read_parquet, snakemake.input.shards), ignore_index=True)
    else:
        numbers = range(snakemake.params.resamples)
        table = read_runs(runs) if runs else None
        draws = draw_resamples(
            study, fit_id, entry, fit, rows, numbers=numbers, seed=seed, runs=table
        )
    frames[fit_id], summary = resample_study(study, fit_id, entry, fit, rows, frames, draws)

    # How the work was divided is no part of what the result was made from.
    inputs = [fits[fit_id], points[fit_id], *(frames_of[name] for name in needed[fit_id])]
    record = provenance.record(
        "resample_fit", [*inputs, *([runs] if runs else [])], snakemake.params.code, seed
    )
    files.write_parquet(frames_of[fit_id], frames[fit_id], record)
    summary.write(intervals_of[fit_id], record)
