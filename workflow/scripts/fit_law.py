"""Rule fit_law: one law, one study, one fit."""

import json

from scaling_studies import artefacts, logs, provenance
from scaling_studies.refit import fit_study
from scaling_studies.run_tables.runs import read_runs

logs.start(snakemake.log[0])
study, fit_id = snakemake.wildcards.study, snakemake.wildcards.fit
entry = json.loads(snakemake.params.entry)
runs = read_runs(snakemake.input.runs) if snakemake.input.runs else None
chained = {
    other["fit"]: other["parameters"] for other in map(artefacts.read_json, snakemake.input.chained)
}

artefact, points = fit_study(study, fit_id, entry, runs, chained)

record = provenance.record(snakemake.rule, snakemake.input, snakemake.params.code)
artefacts.write_parquet(snakemake.output.points, points, record)
artefacts.write_json(snakemake.output.fit, artefact | {"provenance": record})
