"""Rules fit_<study>: the laws of one study, those that others are chained to first."""

from pathlib import Path

from scaling_studies.artefacts import files, logs, provenance
from scaling_studies.cards.models.fit import ResolvedFit
from scaling_studies.fits.chains import in_order_of_chains
from scaling_studies.fits.refit import fit_study
from scaling_studies.runs.run_files import read_runs

logs.start(snakemake.log[0])
study, entries = snakemake.params.study, ResolvedFit.all_from_text(snakemake.params.entries)
tables = {path: read_runs(path) for path in snakemake.input}
paths = {Path(path).stem: path for path in snakemake.output.fits}
points_paths = {
    Path(path).name.removesuffix(".points.parquet"): path for path in snakemake.output.points
}

parameters = {}
for fit_id in in_order_of_chains(entries):
    entry, runs = entries[fit_id], snakemake.params.runs[fit_id]
    chained = {chain.fit: parameters[chain.fit] for chain in entry.chain.values()}
    artefact, points = fit_study(study, fit_id, entry, tables[runs] if runs else None, chained)
    parameters[fit_id] = artefact.parameters

    inputs = [*([runs] if runs else []), *(paths[fit] for fit in chained)]
    record = provenance.record("fit_laws", inputs, snakemake.params.code)
    files.write_parquet(points_paths[fit_id], points, record)
    artefact.write(paths[fit_id], record)
