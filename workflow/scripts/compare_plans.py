"""Rule compare_plans: what the laws of one study imply for its next run."""

from scaling_studies.artefacts import files, logs, provenance
from scaling_studies.fits import uncertainty
from scaling_studies.fits.artefact import FitArtefact
from scaling_studies.forecasts import plans

logs.start(snakemake.log[0])
fits = [FitArtefact.read(path) for path in snakemake.input.fits]
points = [files.read_parquet(path) for path in snakemake.input.points]
resamples = uncertainty.read_resamples(fits, snakemake.input.resamples)
others = [FitArtefact.read(path) for path in snakemake.input.other_fits]
drawn = uncertainty.read_resamples(others, snakemake.input.other_resamples)
ranking = files.read_parquet(snakemake.input.ranking[0]) if snakemake.input.ranking else None

table = plans.plan_runs(
    fits, points, resamples, ranking, others, drawn, multiples=snakemake.params.multiples
)

record = provenance.record(snakemake.rule, snakemake.input, snakemake.params.code)
files.write_parquet(snakemake.output.plan, table, record)
