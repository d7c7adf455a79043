"""Rule compare_agreement: what numbers count, which agree, what steps do; laws on other runs."""

from scaling_studies.artefacts import files, logs, provenance
from scaling_studies.cards.models.study import StudyCard
from scaling_studies.comparisons.agreement import compare_estimates
from scaling_studies.comparisons.cross_prediction import cross_predictions
from scaling_studies.comparisons.estimates import estimates
from scaling_studies.comparisons.ladder import ladders
from scaling_studies.comparisons.parabolas import parabolas
from scaling_studies.fits import uncertainty
from scaling_studies.fits.artefact import FitArtefact

logs.start(snakemake.log[0])
cards = StudyCard.all_from_text(snakemake.params.cards)
fits = [FitArtefact.read(path) for path in snakemake.input.fits]
points = [files.read_parquet(path) for path in snakemake.input.points]
intervals = uncertainty.read_intervals(fits, snakemake.input.intervals)

members, groups = compare_estimates(estimates(cards, fits, intervals, points))

record = provenance.record(snakemake.rule, snakemake.input, snakemake.params.code)
files.write_parquet(snakemake.output.estimates, members, record)
files.write_parquet(snakemake.output.agreement, groups, record)
cross = cross_predictions(cards, fits, points)
files.write_parquet(snakemake.output.ladders, ladders(cards, fits, intervals), record)
files.write_parquet(snakemake.output.cross_predictions, cross, record)
files.write_parquet(snakemake.output.parabolas, parabolas(cards, fits, points), record)
