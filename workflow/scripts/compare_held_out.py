"""Rule compare_held_out: predictions of rows that were not fitted."""

from scaling_studies import artefacts, compare, logs, provenance, uncertainty

logs.start(snakemake.log[0])
fits = [artefacts.read_json(path) for path in snakemake.input.fits]
points = [artefacts.read_parquet(path) for path in snakemake.input.points]
resamples = uncertainty.read_resamples(fits, snakemake.input.resamples)

table = compare.held_out(fits, points, resamples)

record = provenance.record(snakemake.rule, snakemake.input, snakemake.params.code)
artefacts.write_parquet(snakemake.output[0], table, record)
