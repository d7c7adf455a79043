"""Rule normalize_runs: raw tables of one study to its run table."""

import json
from pathlib import Path

from scaling_studies import logs, provenance
from scaling_studies.normalize import normalize_file

logs.start(snakemake.log[0])
record = provenance.record(snakemake.rule, snakemake.input, snakemake.params.code)
normalize_file(
    {"study": snakemake.wildcards.study, "tables": json.loads(snakemake.params.tables)},
    Path(snakemake.params.data),
    Path(snakemake.output.runs),
    provenance=record,
)
