"""Rule render_choices: the page that holds sampling against choice."""

import json

from scaling_studies.artefacts import files, logs
from scaling_studies.pages.questions import render_choices
from scaling_studies.pages.render import write_page

logs.start(snakemake.log[0])

html = render_choices(
    files.read_rows(snakemake.input.choices),
    figures=[files.read_json(path) for path in snakemake.input.figures],
    names=json.loads(snakemake.params.studies),
    fits=json.loads(snakemake.params.fits),
    has_claims=json.loads(snakemake.params.claims),
    provenance=[files.read_provenance(snakemake.input.choices)],
)

write_page(snakemake.output.page, html)
