"""Rule render_index: the first page of the report."""

import json

from scaling_studies.artefacts import files, logs
from scaling_studies.cards.models.study import StudyCard
from scaling_studies.pages import render
from scaling_studies.pages.front import render_index

logs.start(snakemake.log[0])

html = render_index(
    StudyCard.all_from_text(snakemake.params.cards),
    files.read_rows(snakemake.input.verdicts),
    files.read_rows(snakemake.input.laws),
    files.read_rows(snakemake.input.fits, ["study", "fit"]),
    [files.read_json(path) for path in snakemake.input.comparisons],
    allocation=files.read_rows(snakemake.input.allocation),
    trade_offs=files.read_rows(snakemake.input.trade_offs),
    optima=files.read_rows(snakemake.input.optima),
    coverage=files.read_rows(snakemake.input.coverage),
    skipped=json.loads(snakemake.params.skipped),
    about=json.loads(snakemake.params.about),
    has_claims=json.loads(snakemake.params.claims),
    provenance=files.read_provenance(snakemake.input.verdicts),
)

render.write_page(snakemake.output.page, html)
