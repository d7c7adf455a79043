"""Rule render_numbers: all laws and published numbers as tables."""

import json

from scaling_studies.artefacts import files, logs
from scaling_studies.cards.models.study import StudyCard
from scaling_studies.pages import render
from scaling_studies.pages.numbers import render_numbers

logs.start(snakemake.log[0])

html = render_numbers(
    StudyCard.all_from_text(snakemake.params.cards),
    files.read_rows(snakemake.input.verdicts),
    files.read_rows(snakemake.input.laws),
    files.read_rows(snakemake.input.fits, ["study", "fit"]),
    checks=[files.read_json(path) for path in snakemake.input.checks],
    skipped=json.loads(snakemake.params.skipped),
    has_claims=json.loads(snakemake.params.claims),
    provenance=files.read_provenance(snakemake.input.verdicts),
)

render.write_page(snakemake.output.page, html)
