"""Rule compare_replicates: how far runs lie apart that differ in nothing but their seed."""

from pathlib import Path

from scaling_studies.artefacts import files, logs, provenance
from scaling_studies.cards.models.study import StudyCard
from scaling_studies.comparisons.noise_floor import noise_floor

logs.start(snakemake.log[0])
tables = {Path(path).stem: files.read_parquet(path) for path in snakemake.input}

found = noise_floor(StudyCard.all_from_text(snakemake.params.cards), tables)

record = provenance.record(snakemake.rule, snakemake.input, snakemake.params.code)
files.write_parquet(snakemake.output[0], found, record)
