"""Rule compare_allocation: compute-optimal N and D of all laws."""

from scaling_studies import artefacts, compare, logs, provenance, uncertainty

logs.start(snakemake.log[0])
fits = [artefacts.read_json(path) for path in snakemake.input.fits]
points = [artefacts.read_parquet(path) for path in snakemake.input.points]
resamples = uncertainty.read_resamples(fits, snakemake.input.resamples)

table = compare.allocation(fits, points, resamples)

record = provenance.record(snakemake.rule, snakemake.input, snakemake.params.code)
artefacts.write_parquet(snakemake.output[0], table, record)
