"""Rule render_study: the page of one study."""

import json

from scaling_studies.artefacts import files, logs
from scaling_studies.cards.models.source import SourceRecord
from scaling_studies.cards.models.study import StudyCard
from scaling_studies.cards.plain_yaml import read_yaml
from scaling_studies.fits import uncertainty
from scaling_studies.fits.artefact import FitArtefact
from scaling_studies.pages import render
from scaling_studies.pages.study import render_study

logs.start(snakemake.log[0])
fits = {fit.fit: fit for fit in map(FitArtefact.read, snakemake.input.fits)}
known = uncertainty.read_intervals(fits.values(), snakemake.input.intervals)
shown = ["role", "run_id", "observed", "predicted", "relative_residual"]

html = render_study(
    StudyCard.from_text(snakemake.params.card),
    fits,
    {
        name: files.read_rows(path, shown)
        for name, path in zip(fits, snakemake.input.points, strict=True)
        if fits[name].n_held_out
    },
    dict(zip(fits, known, strict=True)),
    files.read_rows(snakemake.input.verdicts),
    files.read_rows(snakemake.input.laws),
    [files.read_json(path) for path in snakemake.input.figures],
    [SourceRecord.rebuilt(read_yaml(path)) for path in snakemake.input.sources],
    checks=files.read_json(snakemake.input.checks),
    forecasts={
        name: files.read_rows(path)
        for name in ("ranking", "plan", "exponents")
        for path in snakemake.input[name]
    },
    names=json.loads(snakemake.params.names),
    has_claims=json.loads(snakemake.params.claims),
)

render.write_page(snakemake.output.page, html)
