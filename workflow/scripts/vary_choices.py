"""Rules vary_choices_<study>: one study's laws fitted under other choices."""

from pathlib import Path

from scaling_studies.artefacts import files, logs, provenance
from scaling_studies.cards.models.fit import ResolvedFit
from scaling_studies.choices.table import choices_of
from scaling_studies.fits.artefact import FitArtefact

logs.start(snakemake.log[0])
entries = ResolvedFit.all_from_text(snakemake.params.entries)
fits = {fit.fit: fit for fit in map(FitArtefact.read, snakemake.input.fits)}
points = {
    Path(path).name.removesuffix(".points.parquet"): files.read_parquet(path)
    for path in snakemake.input.points
}

table = choices_of(snakemake.params.study, entries, fits, points)

record = provenance.record("vary_choices", snakemake.input, snakemake.params.code)
files.write_parquet(snakemake.output[0], table, record)
