"""Rule render_index: the first page of the report."""

import json

from scaling_studies import artefacts, logs, pages

logs.start(snakemake.log[0])

html = pages.render_index(
    json.loads(snakemake.params.cards),
    artefacts.read_parquet(snakemake.input.verdicts),
    artefacts.read_parquet(snakemake.input.fits),
    [artefacts.read_json(path) for path in snakemake.input.figures],
    [artefacts.read_json(path) for path in snakemake.input.comparisons],
    checks=[artefacts.read_json(path) for path in snakemake.input.checks],
    skipped=json.loads(snakemake.params.skipped),
    provenance=artefacts.read_provenance(snakemake.input.verdicts),
)

pages.write_page(snakemake.output.page, html)
