"""Rule resample_fit: uncertainty of one fit."""

import json
from pathlib import Path

from scaling_studies import artefacts, logs, provenance
from scaling_studies.refit import resample_study
from scaling_studies.runs import read_runs

logs.start(snakemake.log[0])
study, fit_id = snakemake.wildcards.study, snakemake.wildcards.fit
seed = provenance.seed_from_name(study, fit_id)
chained = {Path(path).stem: artefacts.read_parquet(path) for path in snakemake.input.chained}

frame, summary = resample_study(
    study,
    fit_id,
    json.loads(snakemake.params.entry),
    artefacts.read_json(snakemake.input.fit),
    artefacts.read_parquet(snakemake.input.points),
    chained,
    resamples=snakemake.params.resamples,
    seed=seed,
    runs=read_runs(snakemake.input.runs) if snakemake.input.runs else None,
)

record = provenance.record(snakemake.rule, snakemake.input, snakemake.params.code, seed)
artefacts.write_parquet(snakemake.output.resamples, frame, record)
artefacts.write_json(snakemake.output.intervals, summary | {"provenance": record})
