"""Rule render_extrapolation: the page of forecasts by distance and of the board of laws."""

import json

from scaling_studies.artefacts import files, logs
from scaling_studies.pages.questions import render_extrapolation
from scaling_studies.pages.render import write_page

logs.start(snakemake.log[0])
tables = [snakemake.input.intervals, snakemake.input.board]

html = render_extrapolation(
    *map(files.read_rows, tables),
    figures=[files.read_json(path) for path in snakemake.input.figures],
    has_claims=json.loads(snakemake.params.claims),
    provenance=[files.read_provenance(tables[0])],
)

write_page(snakemake.output.page, html)
