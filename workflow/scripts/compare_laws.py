"""Rule compare_laws: the laws of one study ranked by extrapolation."""

import json

from scaling_studies import artefacts, logs, provenance
from scaling_studies.rankings import rank_laws

logs.start(snakemake.log[0])
entries = json.loads(snakemake.params.entries)
fits = json.loads(snakemake.params.order)
points = dict(zip(fits, map(artefacts.read_parquet, snakemake.input.points), strict=True))
rollouts = dict(zip(fits, map(artefacts.read_parquet, snakemake.input.rollouts), strict=True))
entries = {fit: entries[fit] for fit in fits}

table = rank_laws(snakemake.wildcards.study, entries, points, rollouts)

record = provenance.record(snakemake.rule, snakemake.input, snakemake.params.code)
artefacts.write_parquet(snakemake.output.ranking, table, record)
