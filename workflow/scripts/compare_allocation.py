"""Rule compare_allocation: compute-optimal N and D of all laws."""

from scaling_studies.artefacts import files, logs, provenance
from scaling_studies.comparisons import tables
from scaling_studies.fits import uncertainty

logs.start(snakemake.log[0])
fits = [files.read_json(path) for path in snakemake.input.fits]
points = [files.read_parquet(path) for path in snakemake.input.points]
resamples = uncertainty.read_resamples(fits, snakemake.input.resamples)

table = tables.allocation(fits, points, resamples)

record = provenance.record(snakemake.rule, snakemake.input, snakemake.params.code)
files.write_parquet(snakemake.output[0], table, record)
