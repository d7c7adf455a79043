"""Rule compare_choices: how far choices move each headline, against how far sampling does."""

import json

import pandas as pd

from scaling_studies.artefacts import files, logs, provenance
from scaling_studies.cards.models.fit import FitEntry
from scaling_studies.choices.summary import answers, summarise
from scaling_studies.fits import uncertainty
from scaling_studies.fits.artefact import FitArtefact

logs.start(snakemake.log[0])
entries = json.loads(snakemake.params.entries)
fits = [FitArtefact.read(path) for path in snakemake.input.fits]
known = uncertainty.read_intervals(fits, snakemake.input.intervals)
intervals = {(fit.study, fit.fit): each for fit, each in zip(fits, known, strict=True)}

tables, each = [], [answers(pd.DataFrame())]
for path in snakemake.input.choices:
    universes = files.read_parquet(path)
    if universes.empty:
        continue
    study = universes["study"].iloc[0]
    own = {fit: FitEntry.rebuilt(entry) for fit, entry in entries[study].items()}
    tables.append(summarise(universes, own, {fit: intervals[study, fit] for fit in own}))
    each.append(answers(universes))
table = (
    pd.concat(tables, ignore_index=True) if tables else summarise(pd.DataFrame({"fit": []}), {}, {})
)

record = provenance.record(snakemake.rule, snakemake.input, snakemake.params.code)
files.write_parquet(snakemake.output.summary, table, record)
files.write_parquet(snakemake.output.each, pd.concat(each, ignore_index=True), record)
