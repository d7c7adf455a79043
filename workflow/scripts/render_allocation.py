"""Rule render_allocation: the page of what laws say to train."""

import json

from scaling_studies.artefacts import files, logs
from scaling_studies.pages.allocation import render_allocation
from scaling_studies.pages.render import write_page

logs.start(snakemake.log[0])
tables = [snakemake.input.laws, snakemake.input.plans]

html = render_allocation(
    *map(files.read_rows, tables),
    [files.read_json(path) for path in snakemake.input.figures],
    names=json.loads(snakemake.params.studies),
    fits=json.loads(snakemake.params.fits),
    sizes=json.loads(snakemake.params.sizes),
    has_claims=json.loads(snakemake.params.claims),
    provenance=[files.read_provenance(tables[0])],
)

write_page(snakemake.output.page, html)
