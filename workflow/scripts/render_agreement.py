"""Rule render_agreement: the page that says which studies agree."""

import json

from scaling_studies.artefacts import files, logs
from scaling_studies.pages.agreement import render_agreement
from scaling_studies.pages.render import write_page

logs.start(snakemake.log[0])
given = snakemake.input
tables = [given.estimates, given.agreement, given.ladders, given.noise_floor]

html = render_agreement(
    *map(files.read_rows, tables),
    figures=[files.read_json(path) for path in given.figures],
    names=json.loads(snakemake.params.studies),
    fits=json.loads(snakemake.params.fits),
    has_claims=json.loads(snakemake.params.claims),
    provenance=[files.read_provenance(path) for path in tables],
)

write_page(snakemake.output.page, html)
