"""Rule render_study: the page of one study."""

import json

from scaling_studies import artefacts, cards, logs, pages, uncertainty

logs.start(snakemake.log[0])
fits = {fit["fit"]: fit for fit in map(artefacts.read_json, snakemake.input.fits)}
points = zip(fits, map(artefacts.read_parquet, snakemake.input.points), strict=True)
found = uncertainty.read_intervals(fits.values(), snakemake.input.intervals)
intervals = dict(zip(fits, found, strict=True))

html = pages.render_study(
    json.loads(snakemake.params.card),
    fits,
    dict(points),
    intervals,
    artefacts.read_parquet(snakemake.input.verdicts),
    [artefacts.read_json(path) for path in snakemake.input.figures],
    [cards.read_yaml(path) for path in snakemake.input.sources],
    checks=artefacts.read_json(snakemake.input.checks),
    forecasts={
        name: artefacts.read_parquet(path)
        for name in ("ranking", "plan", "exponents")
        for path in snakemake.input[name]
    },
)

pages.write_page(snakemake.output.page, html)
