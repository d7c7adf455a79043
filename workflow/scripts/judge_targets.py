"""Rule judge_targets: verdicts on the published numbers of one study."""

import json

from scaling_studies import artefacts, logs, provenance, uncertainty
from scaling_studies.verdicts import verdict_table

logs.start(snakemake.log[0])
fits = {fit["fit"]: fit for fit in map(artefacts.read_json, snakemake.input.fits)}
found = uncertainty.read_intervals(fits.values(), snakemake.input.intervals)
intervals = dict(zip(fits, found, strict=True))
targets = json.loads(snakemake.params.targets)
verdicts = verdict_table(snakemake.wildcards.study, targets, fits, intervals)
record = provenance.record(snakemake.rule, snakemake.input, snakemake.params.code)
artefacts.write_parquet(snakemake.output.verdicts, verdicts, record)
