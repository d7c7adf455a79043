"""Rules plot_<study>: all figures of one study."""

from scaling_studies import figures
from scaling_studies.artefacts import logs, provenance
from scaling_studies.cards.models.figure import FigureEntry
from scaling_studies.cards.models.study import StudyCard

logs.start(snakemake.log[0])
study, entries = snakemake.params.study, FigureEntry.all_from_text(snakemake.params.entries)
files = snakemake.input

figures.draw_all(
    study,
    entries,
    figures.Inputs(files.fits, files.points, files.resamples, files.intervals),
    dict(zip(entries, snakemake.output.svg, strict=True)),
    cards={study: StudyCard.from_text(snakemake.params.card)},
    provenance=lambda read: provenance.record("plot_figures", read, snakemake.params.code),
)
