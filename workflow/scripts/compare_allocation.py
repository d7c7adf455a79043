"""Rule compare_allocation: what all laws of size and data, or of the best size, say to train."""

from scaling_studies.artefacts import files, logs, provenance
from scaling_studies.cards.models.study import StudyCard
from scaling_studies.comparisons.allocation import allocation
from scaling_studies.comparisons.optima import (
    joined,
    optima,
    optima_over_compute,
    plans_of_optima,
)
from scaling_studies.comparisons.trade_offs import plans_for, trade_offs
from scaling_studies.fits import uncertainty
from scaling_studies.fits.artefact import FitArtefact

logs.start(snakemake.log[0])
given, cards = snakemake.input, StudyCard.all_from_text(snakemake.params.cards)
fits, repeated, best = (
    [FitArtefact.read(path) for path in paths] for paths in (given.fits, given.repeated, given.best)
)
points, best_points = (
    [files.read_parquet(path) for path in paths] for paths in (given.points, given.best_points)
)
resamples = uncertainty.read_resamples(fits, given.resamples)
drawn = uncertainty.read_resamples(best, given.best_resamples)

laws, lines = trade_offs(fits, points, repeated), optima(cards, best, best_points)
places = [(fit.study, fit.fit) for fit in best]
along = optima_over_compute(cards, lines, dict(zip(places, drawn, strict=True)))

record = provenance.record(snakemake.rule, snakemake.input, snakemake.params.code)
every = joined([allocation(fits, points, resamples), along])
plans = joined([plans_for(laws), plans_of_optima(lines)])
files.write_parquet(snakemake.output.allocation, every, record)
files.write_parquet(snakemake.output.laws, laws, record)
files.write_parquet(snakemake.output.plans, plans, record)
files.write_parquet(snakemake.output.optima, lines, record)
