"""Rule collect_verdicts: the verdicts of all studies in one table."""

import pyarrow as pa

from scaling_studies.artefacts import files, logs, provenance

logs.start(snakemake.log[0])
tables = [files.read_parquet_table(path) for path in snakemake.input.verdicts]
verdicts = pa.concat_tables(table.replace_schema_metadata(None) for table in tables)
record = provenance.record(snakemake.rule, snakemake.input, snakemake.params.code)
files.write_parquet(snakemake.output.verdicts, verdicts, record)
