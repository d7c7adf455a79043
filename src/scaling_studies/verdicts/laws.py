"""The verdict on a law: what came back of its constants and its predictions, in one sentence."""

from __future__ import annotations

from collections.abc import Iterable, Mapping, Sequence
from typing import TYPE_CHECKING, Any

import pyarrow as pa

from scaling_studies.artefacts import files
from scaling_studies.cards.models.study import LawEntry
from scaling_studies.cards.models.target import ALL_CONSTANTS
from scaling_studies.choices.summary import stands
from scaling_studies.errors import CardError
from scaling_studies.verdicts.counts import (
    EVIDENCE,
    OF_THE_LAW,
    counted,
    is_back,
    is_tested,
    numbers,
)
from scaling_studies.verdicts.reach import (
    Columns,
    Record,
    check_axes,
    extrapolates,
    reach_of,
    rolled_out,
    with_record,
)
from scaling_studies.words import joined

if TYPE_CHECKING:
    from scaling_studies.cards.models.fit import FitEntry
    from scaling_studies.verdicts.facts import Facts

Row = Mapping[str, Any]
TEXT = pa.large_string()
SCHEMA = pa.schema(
    dict.fromkeys(
        (
            "study",
            "fit",
            "law",
            "name",
            "verdict",
            "part",
            "evidence",
            "stands_choices",
            "extrapolates",
            "reach",
            "sentence",
        ),
        TEXT,
    )
)


def laws_of(
    entries: Mapping[str, FitEntry], laws: Mapping[str, LawEntry], titles: Mapping[str, str]
) -> dict[str, LawEntry]:
    """The headline laws of a study: those that its card names, or its fits with a headline.

    Parameters
    ----------
    entries
        Fits of the card.
    laws
        Its laws.
    titles
        Title by fit.
    """
    return dict(laws) or {
        fit: LawEntry(name=titles[fit], fits=(fit,), sentences=(), points="runs", axes={})
        for fit, entry in entries.items()
        if entry.headline is not None
    }


def law_rows(
    study: str,
    laws: Mapping[str, LawEntry],
    entries: Mapping[str, FitEntry],
    facts: Facts,
    verdicts: Sequence[Row],
    points: Mapping[str, Columns],
    choices: Sequence[Row],
    records: Mapping[str, Record] | None = None,
) -> list[dict[str, Any]]:
    """One row a headline law of a study.

    Parameters
    ----------
    study
        Its id.
    laws, entries
        Its laws and its fits in the card.
    facts
        What its fits found.
    verdicts
        Rows of its verdict table.
    points
        Points of its fits, with their role.
    choices
        What choices do to the headlines of its fits (see `choices.summary.summarise`).
    records
        How its fits predicted larger runs from smaller ones (see `forecasts.records`).

    Returns
    -------
    list of dict
        Columns as in `SCHEMA`. `stands_choices` and `extrapolates` are ``yes``, ``partly``, ``no``
        or None where it was not measured.

    Raises
    ------
    CardError
        A sentence or its statement names a number that there is none of.
    """
    rows = []
    for law_id, law in laws.items():
        own = [row for row in verdicts if row["fit"] in law.fits]
        verdict, part = verdict_on_law(own)
        first = facts.fits[law.fits[0]]
        check_axes(study, law_id, law, first.law)
        rows.append(
            {
                "study": study,
                "fit": law.fits[0],
                "law": first.law,
                "name": law.name,
                "verdict": verdict,
                "part": part,
                "evidence": _evidence(own),
                "stands_choices": stands(choices, law.fits),
                "extrapolates": rolled_out(law.fits, records or {})
                or extrapolates(law.fits, facts, points),
                "reach": with_record(reach_of(law, entries, points), law.fits, records or {}),
                "sentence": _sentence(study, law_id, law, facts, own, verdict, part),
            }
        )
    return rows


def verdict_on_law(rows: Iterable[Row]) -> tuple[str, str]:
    """Verdict on a law from those on its numbers, and which part comes back.

    Parameters
    ----------
    rows
        Verdicts on the numbers of its fits. Its constants and predictions decide; statistics of a
        fit and consistency of print do not, nor what is not counted.

    Returns
    -------
    (str, str)
        One of `LAW_VERDICTS`; the part is empty unless only a part comes back.
    """
    tested = _of_the_law(rows)
    if not tested:
        return "cannot_be_tested", ""
    predictions = [is_back(row) for row in tested if row["role"] == "prediction"]
    constants = [is_back(row) for row in numbers(tested) if row["role"] != "prediction"]
    if any(row["quantity"] == ALL_CONSTANTS and not is_back(row) for row in tested):
        # Together they are rejected or no optimum, whatever each of them is alone.
        constants = [False] * max(len(constants), 1)
    outcomes = [*constants, *predictions]
    if all(outcomes):
        return "comes_back", ""
    if not any(outcomes):
        return "does_not_come_back", ""
    parts = [
        f"{'all' if all(some) else sum(some)} of its {len(some)} {noun}"
        for noun, some in (("constants", constants), ("predictions", predictions))
        if any(some)
    ]
    return "in_part", joined(parts)


def _of_the_law(rows: Iterable[Row]) -> list[Row]:
    return [
        row
        for row in counted(rows)
        if row["role"] in OF_THE_LAW and row["evidence"] != "arithmetic" and is_tested(row)
    ]


def _evidence(rows: Sequence[Row]) -> str | None:
    """The strongest kind of evidence that there is on a law."""
    kinds = {row["evidence"] for row in _of_the_law(rows) or counted(rows) if is_tested(row)}
    return next((kind for kind in EVIDENCE if kind in kinds), None)


def _sentence(
    study: str,
    law_id: str,
    law: LawEntry,
    facts: Facts,
    rows: Sequence[Row],
    verdict: str,
    part: str,
) -> str:
    """What is said of a law: the first sentence of the card that holds, or the count."""

    def error(problem: str, fix: str) -> CardError:
        return CardError(problem, study=study, key=f"laws.{law_id}.sentences", fix=fix)

    for sentence in law.sentences:
        if sentence.verdict not in (None, verdict):
            continue
        if sentence.when is None or facts.holds(sentence.when, error):
            return facts.fill(sentence.say, error)
    return _count(rows, verdict, part, has_runs=any(facts.fits[fit].n for fit in law.fits))


def _count(rows: Sequence[Row], verdict: str, part: str, *, has_runs: bool) -> str:
    """How many numbers of a law came back."""
    tested = _of_the_law(rows)
    alone = numbers(tested)
    if verdict == "cannot_be_tested":
        return " ".join([
            "Nothing was published that a refit could be held against."
            if has_runs
            else "No run is public that the published constants could be fitted to.",
            *_sums(rows),
        ])  # fmt: skip
    back = sum(map(is_back, alone))
    exact = sum(row["verdict"] == "exact" for row in alone)
    if verdict == "comes_back":
        whole = {1: "The one published number comes", 2: "Both published numbers come"}.get(
            back, f"All {back} published numbers come"
        )
        return f"{whole} back{f', {exact} as printed' if 0 < exact < back else ''}."
    if verdict == "in_part":
        one = part.startswith("1 ") and " and " not in part
        return f"{part[0].upper()}{part[1:]} come{'s' * one} back, the rest does not."
    joint = [row["reason"] for row in tested if row["quantity"] == ALL_CONSTANTS]
    if joint:
        return joint[0]
    return {1: "The one published number does not come back.", 2: "Neither of the two published "
            "numbers comes back."}.get(len(alone), f"None of {len(alone)} published numbers comes "
            "back.")  # fmt: skip


def _sums(rows: Sequence[Row]) -> list[str]:
    """A sentence on the printed arithmetic, if there is any."""
    sums = [is_back(row) for row in counted(rows) if row["evidence"] == "arithmetic"]
    if not sums:
        return []
    if len(sums) == 1:
        return [f"The one check of its printed arithmetic {'holds' if sums[0] else 'fails'}."]
    if len(set(sums)) == 1:
        which = "Both" if len(sums) == 2 else f"All {len(sums)}"
        holds = "hold" if sums[0] else "fail"
        return [f"{which} checks of its printed arithmetic {holds}."]
    holds = "holds" if sum(sums) == 1 else "hold"
    return [f"Of {len(sums)} checks of its printed arithmetic {sum(sums)} {holds}."]


def law_table(rows: list[dict[str, Any]]) -> pa.Table:
    """Rows of laws as a table of `SCHEMA`."""
    return files.table_of(rows, SCHEMA)
