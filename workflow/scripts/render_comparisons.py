"""Rule render_comparisons: the page that puts all studies on the same axes."""

import json

from scaling_studies import artefacts, logs, pages

logs.start(snakemake.log[0])
tables = [snakemake.input.exponents, snakemake.input.allocation, snakemake.input.held_out]

html = pages.render_comparisons(
    *map(artefacts.read_parquet, tables),
    [artefacts.read_json(path) for path in snakemake.input.figures],
    json.loads(snakemake.params.studies),
    provenance=[artefacts.read_provenance(path) for path in tables],
)

pages.write_page(snakemake.output.page, html)
