"""Rule resample_fit: uncertainty of one fit."""

import json
from pathlib import Path

import pandas as pd

from scaling_studies.artefacts import files, logs, provenance
from scaling_studies.fits.refit import draw_resamples, resample_study
from scaling_studies.runs.run_files import read_runs

logs.start(snakemake.log[0])
study, fit_id = snakemake.wildcards.study, snakemake.wildcards.fit
seed = provenance.seed_from_name(study, fit_id)
entry = json.loads(snakemake.params.entry)
fit = files.read_json(snakemake.input.fit)
points = files.read_parquet(snakemake.input.points)
chained = {Path(path).stem: files.read_parquet(path) for path in snakemake.input.chained}

if snakemake.input.shards:
    draws = pd.concat(map(files.read_parquet, snakemake.input.shards), ignore_index=True)
else:
    draws = draw_resamples(
        study,
        fit_id,
        entry,
        fit,
        points,
        numbers=range(snakemake.params.resamples),
        seed=seed,
        runs=read_runs(snakemake.input.runs[0]) if snakemake.input.runs else None,
    )
frame, summary = resample_study(study, fit_id, entry, fit, points, chained, draws)

# How the work was divided is no part of what the result was made from.
parts = {*snakemake.input.shards, *snakemake.input.checksums}
inputs = [path for path in snakemake.input if path not in parts]
record = provenance.record(snakemake.rule, inputs, snakemake.params.code, seed)
files.write_parquet(snakemake.output.resamples, frame, record)
files.write_json(snakemake.output.intervals, summary | {"provenance": record})
