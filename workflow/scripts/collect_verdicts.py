"""Rule collect_verdicts: the verdicts on numbers and laws of all studies, a table of each."""

import pyarrow as pa

from scaling_studies.artefacts import files, logs, provenance

logs.start(snakemake.log[0])
record = provenance.record(snakemake.rule, snakemake.input, snakemake.params.code)
for name in ("verdicts", "laws"):
    tables = [files.read_parquet_table(path) for path in snakemake.input[name]]
    whole = pa.concat_tables(table.replace_schema_metadata(None) for table in tables)
    files.write_parquet(snakemake.output[name], whole, record)
