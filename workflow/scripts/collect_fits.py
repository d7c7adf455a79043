"""Rule collect_fits: all parameters of all fits, long."""

from scaling_studies import artefacts, logs, provenance, uncertainty
from scaling_studies.compare import gather_parameters

logs.start(snakemake.log[0])
fits = [artefacts.read_json(path) for path in snakemake.input.fits]
intervals = uncertainty.read_intervals(fits, snakemake.input.intervals)
record = provenance.record(snakemake.rule, snakemake.input, snakemake.params.code)
artefacts.write_parquet(snakemake.output.fits, gather_parameters(fits, intervals), record)
