"""Rule compare_exponents: headline quantities of all studies."""

from scaling_studies.artefacts import files, logs, provenance
from scaling_studies.comparisons.exponents import exponents
from scaling_studies.fits import uncertainty
from scaling_studies.fits.artefact import FitArtefact

logs.start(snakemake.log[0])
fits = [FitArtefact.read(path) for path in snakemake.input.fits]
intervals = uncertainty.read_intervals(fits, snakemake.input.intervals)

table = exponents(fits, intervals)

record = provenance.record(snakemake.rule, snakemake.input, snakemake.params.code)
files.write_parquet(snakemake.output[0], table, record)
