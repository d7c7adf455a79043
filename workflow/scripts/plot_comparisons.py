"""Rule plot_comparisons: all figures over all studies."""

from scaling_studies import figures
from scaling_studies.artefacts import logs, provenance
from scaling_studies.cards.models.figure import FigureEntry
from scaling_studies.cards.models.study import StudyCard

logs.start(snakemake.log[0])
entries = FigureEntry.all_from_text(snakemake.params.entries)

figures.draw_all(
    None,
    entries,
    figures.Inputs(tables=dict(snakemake.input.items())),
    dict(zip(entries, snakemake.output.svg, strict=True)),
    cards=StudyCard.all_from_text(snakemake.params.cards),
    provenance=lambda read: provenance.record(snakemake.rule, read, snakemake.params.code),
)
