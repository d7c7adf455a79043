"""Rule compare_allocation: compute-optimal N and D of all laws."""

from scaling_studies.artefacts import files, logs, provenance
from scaling_studies.comparisons.allocation import allocation
from scaling_studies.fits import uncertainty
from scaling_studies.fits.artefact import FitArtefact

logs.start(snakemake.log[0])
fits = [FitArtefact.read(path) for path in snakemake.input.fits]
points = [files.read_parquet(path) for path in snakemake.input.points]
resamples = uncertainty.read_resamples(fits, snakemake.input.resamples)

table = allocation(fits, points, resamples)

record = provenance.record(snakemake.rule, snakemake.input, snakemake.params.code)
files.write_parquet(snakemake.output[0], table, record)
