"""Rule retrieve_table: one table that the project does not carry."""

import json
from pathlib import Path

from scaling_studies.artefacts import files, logs
from scaling_studies.sources import refresh
from scaling_studies.sources.files import Upstream

logs.start(snakemake.log[0])
mirror, cache = json.loads(snakemake.params.mirror), json.loads(snakemake.params.cache)

refresh.refresh(
    snakemake.wildcards.study,
    data_dir=Path(snakemake.input.record).parents[1],
    upstream=Upstream(
        mirror=Path(mirror) if mirror else None,
        cache=Path(cache),
        offline=snakemake.params.offline,
    ),
    out_dir=Path(snakemake.output.table).parent,
)
files.write_checksum(snakemake.output.table)
