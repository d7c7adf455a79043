"""Rule render_study: the page of one study."""

import json

from scaling_studies.artefacts import files, logs
from scaling_studies.cards import load
from scaling_studies.fits import uncertainty
from scaling_studies.fits.artefact import FitArtefact
from scaling_studies.pages import render

logs.start(snakemake.log[0])
fits = {fit.fit: fit for fit in map(FitArtefact.read, snakemake.input.fits)}
points = zip(fits, map(files.read_parquet, snakemake.input.points), strict=True)
found = uncertainty.read_intervals(fits.values(), snakemake.input.intervals)
intervals = dict(zip(fits, found, strict=True))

html = render.render_study(
    json.loads(snakemake.params.card),
    fits,
    dict(points),
    intervals,
    files.read_parquet(snakemake.input.verdicts),
    [files.read_json(path) for path in snakemake.input.figures],
    [load.read_yaml(path) for path in snakemake.input.sources],
    checks=files.read_json(snakemake.input.checks),
    forecasts={
        name: files.read_parquet(path)
        for name in ("ranking", "plan", "exponents")
        for path in snakemake.input[name]
    },
)

render.write_page(snakemake.output.page, html)
