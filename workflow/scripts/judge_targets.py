"""Rule judge_targets: verdicts on published numbers and laws of one study, checks of its fits."""

import json

from scaling_studies.artefacts import files, logs, provenance
from scaling_studies.cards.models.study import LawEntry
from scaling_studies.checks.context import CheckContext
from scaling_studies.checks.part import CheckedPart
from scaling_studies.checks.run import run
from scaling_studies.choices.summary import summary_of
from scaling_studies.fits import uncertainty
from scaling_studies.fits.artefact import FitArtefact
from scaling_studies.fits.coverage import coverage_of
from scaling_studies.forecasts.records import records
from scaling_studies.verdicts.columns import verdict_table
from scaling_studies.verdicts.facts import Facts
from scaling_studies.verdicts.laws import law_rows, law_table, laws_of
from scaling_studies.verdicts.table import verdict_rows

logs.start(snakemake.log[0])
study, card = snakemake.wildcards.study, CheckedPart.rebuilt(json.loads(snakemake.params.card))
fits = {fit.fit: fit for fit in map(FitArtefact.read, snakemake.input.fits)}
known = uncertainty.read_intervals(fits.values(), snakemake.input.intervals)
intervals = dict(zip(fits, known, strict=True))
points = dict(zip(fits, map(files.read_columns, snakemake.input.points), strict=True))
ranking = [row for path in snakemake.input.ranking for row in files.read_rows(path)]
coverage = [row for path in snakemake.input.coverage for row in coverage_of(path, study)]
choices = [
    row for path in snakemake.input.choices for row in summary_of(path, card.fits, intervals)
]

# Checks read verdicts on printed numbers; a check that fails takes trust from intervals.
context = CheckContext(study, card, fits, intervals, points, [], ranking)
groups = {fit: context.groups(fit) for fit in context.with_rows}
first = verdict_rows(study, card.fits, fits, intervals, groups)
checks = run(CheckContext(study, card, fits, intervals, points, first, ranking, choices, coverage))
verdicts = verdict_rows(study, card.fits, fits, intervals, groups, checks["findings"])

laws = laws_of(
    card.fits,
    LawEntry.all_from_text(snakemake.params.laws),
    {name: fit.title for name, fit in fits.items()},
)
facts = Facts(fits, intervals)
of_law = {name: fit.law for name, fit in fits.items()}
predicted = {}
for path in snakemake.input.forecasts:
    predicted = records(files.read_parquet(path), of_law)
rows = law_rows(study, laws, card.fits, facts, verdicts, points, choices, predicted)

record = provenance.record(snakemake.rule, snakemake.input, snakemake.params.code)
files.write_parquet(snakemake.output.verdicts, verdict_table(verdicts), record)
files.write_parquet(snakemake.output.laws, law_table(rows), record)
files.write_json(snakemake.output.checks, checks | {"provenance": record})
