"""Rule judge_claims: single claims of the literature, held against the studies."""

from scaling_studies.artefacts import files, logs, provenance
from scaling_studies.fits import uncertainty
from scaling_studies.fits.artefact import FitArtefact
from scaling_studies.verdicts.claims import claim_table, fits_of_rows, judge_claims, read_claims
from scaling_studies.verdicts.facts import Facts
from scaling_studies.verdicts.theory import THEORIES

logs.start(snakemake.log[0])
fits = [FitArtefact.read(path) for path in snakemake.input.fits]
known = uncertainty.read_intervals(fits, snakemake.input.intervals)
names = [f"{fit.study}/{fit.fit}" for fit in fits]
asked = read_claims(snakemake.input.claims)
points_of = dict(zip(names, snakemake.input.points, strict=True))
points = {
    name: files.read_parquet(points_of[name]) for name in fits_of_rows(asked) if name in points_of
}
intervals = dict(zip(names, known, strict=True))
facts = Facts(dict(zip(names, fits, strict=True)), intervals, points, THEORIES)

claims = claim_table(judge_claims(asked, facts))
record = provenance.record(snakemake.rule, snakemake.input, snakemake.params.code)
files.write_parquet(snakemake.output.claims, claims, record)
