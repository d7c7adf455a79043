"""Rule compare_held_out: predictions of rows that were not fitted."""

from scaling_studies.artefacts import files, logs, provenance
from scaling_studies.comparisons import tables
from scaling_studies.fits import uncertainty

logs.start(snakemake.log[0])
fits = [files.read_json(path) for path in snakemake.input.fits]
points = [files.read_parquet(path) for path in snakemake.input.points]
resamples = uncertainty.read_resamples(fits, snakemake.input.resamples)

table = tables.held_out(fits, points, resamples)

record = provenance.record(snakemake.rule, snakemake.input, snakemake.params.code)
files.write_parquet(snakemake.output[0], table, record)
