"""Rule compare_exponents: headline quantities of all studies."""

from scaling_studies import artefacts, compare, logs, provenance, uncertainty

logs.start(snakemake.log[0])
fits = [artefacts.read_json(path) for path in snakemake.input.fits]
intervals = uncertainty.read_intervals(fits, snakemake.input.intervals)

table = compare.exponents(fits, intervals)

record = provenance.record(snakemake.rule, snakemake.input, snakemake.params.code)
artefacts.write_parquet(snakemake.output[0], table, record)
