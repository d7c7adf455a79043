"""Rule plot_figure: one figure of one study."""

import json
from pathlib import Path

from scaling_studies import figures
from scaling_studies.artefacts import logs, provenance

logs.start(snakemake.log[0])
study, name = snakemake.wildcards.study, snakemake.wildcards.figure
fits = [Path(path).stem for path in snakemake.input.fits]
card = json.loads(snakemake.params.card)
context = figures.load(
    study, name, json.loads(snakemake.params.entry), "results", fits, cards={study: card}
)

figure, frame = figures.draw(context)

record = provenance.record(snakemake.rule, snakemake.input, snakemake.params.code)
figures.save(figure, frame, context.meta(record), Path(snakemake.output.svg).with_suffix(""))
