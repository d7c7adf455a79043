"""Rule plot_comparisons: all figures over all studies."""

import json

from scaling_studies import figures
from scaling_studies.artefacts import logs, provenance

logs.start(snakemake.log[0])
entries = json.loads(snakemake.params.entries)

figures.draw_all(
    None,
    entries,
    figures.Inputs(tables=dict(snakemake.input.items())),
    dict(zip(entries, snakemake.output.svg, strict=True)),
    cards=json.loads(snakemake.params.cards),
    provenance=lambda read: provenance.record(snakemake.rule, read, snakemake.params.code),
)
