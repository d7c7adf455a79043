"""Rule render_glossary: the page of terms and symbols."""

import json

from scaling_studies.artefacts import logs
from scaling_studies.pages import render
from scaling_studies.pages.glossary import render_glossary

logs.start(snakemake.log[0])
html = render_glossary(has_claims=json.loads(snakemake.params.claims))
render.write_page(snakemake.output.page, html)
