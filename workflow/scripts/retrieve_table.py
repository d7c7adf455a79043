"""Rule retrieve_table: one table that the project does not carry."""

from pathlib import Path

from scaling_studies import artefacts, logs
from scaling_studies.upstream import sources

logs.start(snakemake.log[0])
mirror = snakemake.params.mirror

sources.refresh(
    snakemake.wildcards.study,
    data_dir=Path(snakemake.input.record).parents[1],
    mirror=Path(mirror) if mirror else None,
    cache=Path(snakemake.params.cache),
    out_dir=Path(snakemake.output.table).parent,
    offline=snakemake.params.offline,
)
artefacts.write_checksum(snakemake.output.table)
