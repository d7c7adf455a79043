"""Rule compare_allocation: what all laws of size and data say to train."""

from scaling_studies.artefacts import files, logs, provenance
from scaling_studies.comparisons.allocation import allocation
from scaling_studies.comparisons.trade_offs import plans_for, trade_offs
from scaling_studies.fits import uncertainty
from scaling_studies.fits.artefact import FitArtefact

logs.start(snakemake.log[0])
fits = [FitArtefact.read(path) for path in snakemake.input.fits]
points = [files.read_parquet(path) for path in snakemake.input.points]
resamples = uncertainty.read_resamples(fits, snakemake.input.resamples)
repeated = [FitArtefact.read(path) for path in snakemake.input.repeated]

laws = trade_offs(fits, points, repeated)

record = provenance.record(snakemake.rule, snakemake.input, snakemake.params.code)
files.write_parquet(snakemake.output.allocation, allocation(fits, points, resamples), record)
files.write_parquet(snakemake.output.laws, laws, record)
files.write_parquet(snakemake.output.plans, plans_for(laws), record)
