"""Rule compare_forecasts: coverage and score of intervals by distance, and the board of laws."""

from scaling_studies.artefacts import files, logs, provenance
from scaling_studies.forecasts.board import compare_forecasts

logs.start(snakemake.log[0])
tables = compare_forecasts(map(files.read_parquet, snakemake.input.forecasts))

record = provenance.record(snakemake.rule, snakemake.input, snakemake.params.code)
for path, table in zip(snakemake.output, tables, strict=True):
    files.write_parquet(path, table, record)
