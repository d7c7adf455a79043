"""Rule backtest_fit: a fit to the smaller runs predicts the larger ones."""

import json

from scaling_studies.artefacts import files, logs, provenance
from scaling_studies.cards.models.fit import ResolvedFit
from scaling_studies.forecasts.rollouts import roll_out

logs.start(snakemake.log[0])
study, fit_id = snakemake.wildcards.study, snakemake.wildcards.fit
entry = ResolvedFit.from_text(snakemake.params.entry)
by = json.loads(snakemake.params.by)

table = roll_out(study, fit_id, entry, files.read_parquet(snakemake.input.points), by)

record = provenance.record(snakemake.rule, snakemake.input, snakemake.params.code)
files.write_parquet(snakemake.output.rollout, table, record)
