"""Rule judge_targets: verdicts on the published numbers of one study, and checks of its fits."""

import json

from scaling_studies import checks
from scaling_studies.artefacts import files, logs, provenance
from scaling_studies.fits import uncertainty
from scaling_studies.fits.artefact import FitArtefact
from scaling_studies.verdicts.judge import verdict_table

logs.start(snakemake.log[0])
study, card = snakemake.wildcards.study, json.loads(snakemake.params.card)
fits = {fit.fit: fit for fit in map(FitArtefact.read, snakemake.input.fits)}
found = uncertainty.read_intervals(fits.values(), snakemake.input.intervals)
intervals = dict(zip(fits, found, strict=True))
points = dict(zip(fits, map(files.read_parquet, snakemake.input.points), strict=True))
rankings = [files.read_parquet(path) for path in snakemake.input.ranking]

targets = {fit: entry.get("targets", []) for fit, entry in card["fits"].items()}
verdicts = verdict_table(study, targets, fits, intervals)
context = checks.CheckContext(study, card, fits, intervals, points, verdicts, *rankings)

record = provenance.record(snakemake.rule, snakemake.input, snakemake.params.code)
files.write_parquet(snakemake.output.verdicts, verdicts, record)
files.write_json(snakemake.output.checks, checks.run(context) | {"provenance": record})
