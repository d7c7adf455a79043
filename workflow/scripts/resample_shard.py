"""Rule resample_shard: some of a fit's resamples."""

from scaling_studies.artefacts import files, logs, provenance
from scaling_studies.cards.models.fit import ResolvedFit
from scaling_studies.fits.artefact import FitArtefact
from scaling_studies.fits.resampling import draw_resamples
from scaling_studies.runs.run_files import read_runs

logs.start(snakemake.log[0])
study, fit_id = snakemake.wildcards.study, snakemake.wildcards.fit

draws = draw_resamples(
    study,
    fit_id,
    ResolvedFit.from_text(snakemake.params.entry),
    FitArtefact.read(snakemake.input.fit),
    files.read_parquet(snakemake.input.points),
    numbers=range(int(snakemake.wildcards.start), int(snakemake.wildcards.stop)),
    seed=provenance.seed_from_name(study, fit_id),
    runs=read_runs(snakemake.input.runs[0]) if snakemake.input.runs else None,
)

files.write_parquet(snakemake.output.shard, draws)
