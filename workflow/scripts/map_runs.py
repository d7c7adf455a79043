"""Rule map_runs: at which sizes and data studies have runs."""

import json
from pathlib import Path

from scaling_studies.artefacts import files, logs, provenance
from scaling_studies.comparisons.run_map import run_map

logs.start(snakemake.log[0])
tables = {Path(path).stem: files.read_parquet(path) for path in snakemake.input}

found = run_map(json.loads(snakemake.params.topics), tables)

record = provenance.record(snakemake.rule, snakemake.input, snakemake.params.code)
files.write_parquet(snakemake.output[0], found, record)
