"""Rule normalize_runs: raw tables of one study to its run table."""

from pathlib import Path

from scaling_studies.artefacts import files, logs, provenance
from scaling_studies.cards.models.table import TableEntry
from scaling_studies.runs.normalize import normalize_file

logs.start(snakemake.log[0])
for table in snakemake.input:
    # Carried tables are held against their source record; a retrieved one is an artefact.
    if table.startswith("results/"):
        files.read_bytes(table)
record = provenance.record(snakemake.rule, snakemake.input, snakemake.params.code)
normalize_file(
    snakemake.wildcards.study,
    TableEntry.all_from_text(snakemake.params.tables),
    Path(snakemake.params.data),
    Path(snakemake.output.runs),
    provenance=record,
)
