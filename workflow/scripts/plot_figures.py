"""Rules plot_<study>: all figures of one study."""

import json

from scaling_studies import figures
from scaling_studies.artefacts import logs, provenance

logs.start(snakemake.log[0])
study, entries = snakemake.params.study, json.loads(snakemake.params.entries)
files = snakemake.input

figures.draw_all(
    study,
    entries,
    figures.Inputs(files.fits, files.points, files.resamples, files.intervals),
    dict(zip(entries, snakemake.output.svg, strict=True)),
    cards={study: json.loads(snakemake.params.card)},
    provenance=lambda read: provenance.record("plot_figures", read, snakemake.params.code),
)
