"""The page of agreement: what numbers count, which may be compared, and whether they agree."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from typing import Any

from scaling_studies.comparisons.agreement import ANY, WITH_OUTPUT
from scaling_studies.comparisons.noise_floor import REPEATS, SAME_SEED, SEEDS
from scaling_studies.pages.render import provenance_of, rendered
from scaling_studies.pages.tables import Row

#: Quantity that the first sentence is about.
FIRST = "a_opt"
#: What runs of one configuration differ in.
APART = {
    SEEDS: "their seed",
    REPEATS: "no seed is given",
    SAME_SEED: "something not given: the seed is the same",
}


def render_agreement(
    estimates: Sequence[Row],
    groups: Sequence[Row],
    ladders: Sequence[Row],
    noise_floor: Sequence[Row] = (),
    figures: Sequence[Mapping[str, Any]] = (),
    *,
    names: Mapping[str, str],
    fits: Mapping[str, Mapping[str, str]],
    has_claims: bool = False,
    provenance: Sequence[Mapping[str, Any]] = (),
) -> str:
    """Write the page of agreement.

    Parameters
    ----------
    estimates, groups, ladders, noise_floor
        Rows of ``results/comparisons/estimates.parquet``, ``agreement.parquet``,
        ``ladders.parquet`` and ``noise_floor.parquet``.
    figures
        Descriptions of the figures over all studies; those of this page are shown.
    names, fits
        Name of each study, and title by study and fit.
    has_claims
        Whether there is a page of claims.
    provenance
        Records of the tables.
    """
    first = {row["counted_as"]: row for row in groups if row["quantity"] == FIRST}
    return rendered(
        "agreement.html.j2",
        root="..",
        here="agreement",
        has_claims=has_claims,
        names=names,
        fits=fits,
        estimates=[row for row in estimates if row["counted_as"] == ANY],
        groups=groups,
        every=first.get(ANY),
        same=first.get(WITH_OUTPUT),
        any=ANY,
        shared=shared_runs(estimates),
        ladders=ladders,
        replicates=noise_floor,
        apart=APART,
        seeds=[row for row in noise_floor if row["kind"] == SEEDS and row["scatter"] is not None],
        figures=[figure for figure in figures if figure["page"] == "agreement"],
        provenance=provenance_of([(record["rule"], record) for record in provenance]),
    )


def shared_runs(estimates: Sequence[Row]) -> list[tuple[list[tuple[str, str]], str]]:
    """Runs that several studies rest on: their fits, and the one that stands for them."""
    fits: dict[str, dict[tuple[str, str], bool]] = {}
    for row in estimates:
        known = fits.setdefault(row["runs"], {})
        place = (row["study"], row["fit"])
        known[place] = known.get(place, False) or (row["quantity"] == FIRST and row["counts"])
    several = [known for known in fits.values() if len({study for study, _ in known}) > 1]
    return [
        (
            list(known),
            ", ".join(f"{study}/{fit}" for (study, fit), counts in known.items() if counts),
        )
        for known in several
    ]
