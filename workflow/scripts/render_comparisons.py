"""Rule render_comparisons: the page that puts all studies on the same axes."""

import json

from scaling_studies.artefacts import files, logs
from scaling_studies.pages import render
from scaling_studies.pages.questions import PAGES

logs.start(snakemake.log[0])
tables = [snakemake.input.exponents, snakemake.input.allocation, snakemake.input.held_out]

html = render.render_comparisons(
    *map(files.read_rows, tables),
    [files.read_json(path) for path in snakemake.input.figures],
    json.loads(snakemake.params.studies),
    fits=json.loads(snakemake.params.fits),
    has_claims=json.loads(snakemake.params.claims),
    tabs=PAGES,
    provenance=[files.read_provenance(path) for path in tables],
)

render.write_page(snakemake.output.page, html)
