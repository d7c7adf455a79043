"""Rule render_index: the first page of the report."""

import json

from scaling_studies.artefacts import files, logs
from scaling_studies.cards.models.study import StudyCard
from scaling_studies.pages import render

logs.start(snakemake.log[0])

html = render.render_index(
    StudyCard.all_from_text(snakemake.params.cards),
    files.read_rows(snakemake.input.verdicts),
    files.read_rows(snakemake.input.laws),
    files.read_rows(snakemake.input.fits, ["study", "fit"]),
    [files.read_json(path) for path in snakemake.input.figures],
    [files.read_json(path) for path in snakemake.input.comparisons],
    allocation=files.read_rows(snakemake.input.allocation),
    checks=[files.read_json(path) for path in snakemake.input.checks],
    has_claims=json.loads(snakemake.params.claims),
    skipped=json.loads(snakemake.params.skipped),
    provenance=files.read_provenance(snakemake.input.verdicts),
)

render.write_page(snakemake.output.page, html)
