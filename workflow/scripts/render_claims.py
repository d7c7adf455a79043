"""Rule render_claims: the page of single claims of the literature."""

import json

from scaling_studies.artefacts import files, logs
from scaling_studies.pages import render
from scaling_studies.pages.claims import render_claims

logs.start(snakemake.log[0])
record = files.read_provenance(snakemake.input.claims)
names = json.loads(snakemake.params.names)
html = render_claims(files.read_rows(snakemake.input.claims), names=names, provenance=record)
render.write_page(snakemake.output.page, html)
