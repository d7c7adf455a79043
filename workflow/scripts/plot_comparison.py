"""Rule plot_comparison: one figure over all studies."""

import json
from pathlib import Path

from scaling_studies import figures
from scaling_studies.artefacts import logs, provenance

logs.start(snakemake.log[0])
entry, cards = json.loads(snakemake.params.entry), json.loads(snakemake.params.cards)
context = figures.load(
    None, snakemake.wildcards.figure, entry, "results", cards=cards, frames=list(figures.FRAMES)
)

figure, frame = figures.draw(context)

record = provenance.record(snakemake.rule, snakemake.input, snakemake.params.code)
figures.save(figure, frame, context.meta(record), Path(snakemake.output.svg).with_suffix(""))
