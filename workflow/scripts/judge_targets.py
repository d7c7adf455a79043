"""Rule judge_targets: verdicts on the published numbers of one study, and checks of its fits."""

import json

from scaling_studies.artefacts import files, logs, provenance
from scaling_studies.checks.context import CheckContext
from scaling_studies.checks.part import CheckedPart
from scaling_studies.checks.run import run
from scaling_studies.fits import uncertainty
from scaling_studies.fits.artefact import FitArtefact
from scaling_studies.fits.coverage import coverage_of
from scaling_studies.verdicts.judge import verdict_rows, verdict_table

logs.start(snakemake.log[0])
study, card = snakemake.wildcards.study, CheckedPart.rebuilt(json.loads(snakemake.params.card))
fits = {fit.fit: fit for fit in map(FitArtefact.read, snakemake.input.fits)}
known = uncertainty.read_intervals(fits.values(), snakemake.input.intervals)
intervals = dict(zip(fits, known, strict=True))
points = dict(zip(fits, map(files.read_columns, snakemake.input.points), strict=True))
ranking = [row for path in snakemake.input.ranking for row in files.read_rows(path)]
coverage = [row for path in snakemake.input.coverage for row in coverage_of(path, study)]

targets = {fit: entry.targets for fit, entry in card.fits.items()}
verdicts = verdict_rows(study, targets, fits, intervals)
checks = run(CheckContext(study, card, fits, intervals, points, verdicts, ranking, coverage))

record = provenance.record(snakemake.rule, snakemake.input, snakemake.params.code)
files.write_parquet(snakemake.output.verdicts, verdict_table(verdicts), record)
files.write_json(snakemake.output.checks, checks | {"provenance": record})
