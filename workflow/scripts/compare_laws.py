"""Rule compare_laws: the laws of one study ranked by extrapolation."""

import json

from scaling_studies.artefacts import files, logs, provenance
from scaling_studies.cards.models.fit import ResolvedFit
from scaling_studies.forecasts.rankings import rank_laws

logs.start(snakemake.log[0])
entries = ResolvedFit.all_from_text(snakemake.params.entries)
fits = json.loads(snakemake.params.order)
points = dict(zip(fits, map(files.read_parquet, snakemake.input.points), strict=True))
rollouts = dict(zip(fits, map(files.read_parquet, snakemake.input.rollouts), strict=True))
entries = {fit: entries[fit] for fit in fits}

table = rank_laws(snakemake.wildcards.study, entries, points, rollouts)

record = provenance.record(snakemake.rule, snakemake.input, snakemake.params.code)
files.write_parquet(snakemake.output.ranking, table, record)
