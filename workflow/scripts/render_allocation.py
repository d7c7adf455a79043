"""Rule render_allocation: the page of what laws say to train."""

import json

from scaling_studies.artefacts import files, logs
from scaling_studies.pages.allocation import render_allocation
from scaling_studies.pages.render import write_page

logs.start(snakemake.log[0])
given = snakemake.input
tables = [given.laws, given.plans, given.optima]

html = render_allocation(
    *map(files.read_rows, tables),
    figures=[files.read_json(path) for path in given.figures],
    names=json.loads(snakemake.params.studies),
    fits=json.loads(snakemake.params.fits),
    sizes=json.loads(snakemake.params.sizes),
    has_claims=json.loads(snakemake.params.claims),
    provenance=[files.read_provenance(tables[0])],
)

write_page(snakemake.output.page, html)
