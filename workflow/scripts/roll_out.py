"""Rules roll_out_<study>: one study's smaller runs predict its larger ones, by every law."""

from pathlib import Path

from scaling_studies.artefacts import files, logs, provenance
from scaling_studies.cards.models.fit import ResolvedFit
from scaling_studies.forecasts.study_rollouts import roll_out_study

logs.start(snakemake.log[0])
entries = ResolvedFit.all_from_text(snakemake.params.entries)
points = {
    Path(path).name.removesuffix(".points.parquet"): files.read_parquet(path)
    for path in snakemake.input.points
}

table = roll_out_study(snakemake.params.study, entries, points)

record = provenance.record("roll_out", snakemake.input, snakemake.params.code)
files.write_parquet(snakemake.output[0], table, record)
