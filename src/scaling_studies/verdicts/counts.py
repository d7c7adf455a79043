"""Counts of verdicts: by kind of evidence, which are never added up, and by fit."""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from typing import Any

from scaling_studies.cards.models.target import ALL_CONSTANTS
from scaling_studies.verdicts.judge import COMES_BACK, VERDICTS
from scaling_studies.words import count_of

Row = Mapping[str, Any]
#: Roles of which a law is made, as against statistics of a fit and consistency of print.
OF_THE_LAW = frozenset({"headline", "constant", "prediction"})
#: Verdicts on laws, best first.
LAW_VERDICTS = ("comes_back", "in_part", "does_not_come_back", "cannot_be_tested")
#: Kinds of evidence, strongest first, and what a number of each is called.
EVIDENCE = {
    "refit": "refits of runs",
    "re_estimate": "re-estimates from the authors' intermediate results",
    "evaluation": "published laws evaluated on runs",
    "simulation": "simulations",
    "arithmetic": "arithmetic of printed numbers",
}


def counted(rows: Iterable[Row]) -> list[Row]:
    """Rows that count: no transforms, no windows chosen to match, nothing that follows."""
    return [row for row in rows if row["counted"]]


def numbers(rows: Iterable[Row]) -> list[Row]:
    """Counted rows that are numbers: a test of all constants together is none."""
    return [row for row in counted(rows) if row["quantity"] != ALL_CONSTANTS]


def by_verdict(rows: Iterable[Row]) -> dict[str, int]:
    """How many rows have each verdict, best first."""
    words = [row["verdict"] for row in rows]
    return {verdict: words.count(verdict) for verdict in VERDICTS}


def by_evidence(rows: Iterable[Row]) -> dict[str, dict[str, int]]:
    """How many counted numbers of each kind of evidence have each verdict."""
    rows = numbers(rows)
    kinds = {kind: [row for row in rows if row["evidence"] == kind] for kind in EVIDENCE}
    return {kind: by_verdict(some) for kind, some in kinds.items() if some}


def is_back(row: Row) -> bool:
    """Whether a number comes back."""
    return row["verdict"] in COMES_BACK


def is_tested(row: Row) -> bool:
    """Whether a number could be tested."""
    return row["verdict"] != "cannot_be_tested"


def tested_constants(rows: Iterable[Row]) -> list[Row]:
    """Counted numbers of laws that refits of runs were able to test."""
    return [
        row
        for row in counted(rows)
        if row["evidence"] == "refit" and row["role"] in OF_THE_LAW and is_tested(row)
    ]


def tally(rows: Iterable[Row]) -> dict[str, int]:
    """Counts that headlines are made of.

    Parameters
    ----------
    rows
        Rows of the verdict table.

    Returns
    -------
    dict
        ``studies``, ``fits``, ``fits_back``, ``numbers`` and ``numbers_back`` of refits of runs
        (a fit is back when all its numbers are); ``arithmetic`` and ``arithmetic_back``.
    """
    rows = list(rows)
    refits = tested_constants(rows)
    fits: dict[tuple[str, str], bool] = {}
    for row in refits:
        key = (row["study"], row["fit"])
        fits[key] = fits.get(key, True) and is_back(row)
    alone = numbers(refits)
    sums = [row for row in counted(rows) if row["evidence"] == "arithmetic" and is_tested(row)]
    return {
        "studies": len({study for study, _ in fits}),
        "fits": len(fits),
        "fits_back": sum(fits.values()),
        "numbers": len(alone),
        "numbers_back": sum(map(is_back, alone)),
        "arithmetic": len(sums),
        "arithmetic_back": sum(map(is_back, sums)),
    }


def tally_of_laws(laws: Iterable[Row]) -> dict[str, int]:
    """How many laws there are, how many were tested, and how many have each verdict."""
    words = [law["verdict"] for law in laws]
    found = {verdict: words.count(verdict) for verdict in LAW_VERDICTS}
    return found | {"total": len(words), "tested": len(words) - found["cannot_be_tested"]}


def laws_sentence(laws: Iterable[Row]) -> str:
    """Say how many laws come back.

    Parameters
    ----------
    laws
        Rows of the table of laws.
    """
    found = tally_of_laws(laws)
    if not found["tested"]:
        return f"None of {count_of(found['total'], 'law')} can be tested."
    return (
        f"Of {count_of(found['total'], 'published law')}, {found['comes_back']} "
        f"{'comes back from its' if found['comes_back'] == 1 else 'come back from their'} own "
        f"data, "
        f"{found['in_part']} in part, {found['does_not_come_back']} "
        f"{'does' if found['does_not_come_back'] == 1 else 'do'} not, and "
        f"{found['cannot_be_tested']} cannot be tested."
    )


def refits_sentence(rows: Iterable[Row], studies: int | None = None) -> str:
    """Say how many refits return what was published, and how much of the print adds up.

    Parameters
    ----------
    rows
        Rows of the verdict table.
    studies
        How many studies there are; those in the rows when left out.
    """
    rows = list(rows)
    found = tally(rows)
    sentences = []
    if found["fits"]:
        total = studies if studies is not None else len({row["study"] for row in rows})
        sentences.append(
            f"Published constants could be refitted from runs in {found['studies']} of "
            f"{count_of(total, 'study', 'studies')}: {found['fits_back']} of "
            f"{count_of(found['fits'], 'fit')} {'returns' if found['fits'] == 1 else 'return'} "
            f"them ({found['numbers_back']} of {count_of(found['numbers'], 'number')}, "
            "statistics of the fits aside)."
        )
    if found["arithmetic"]:
        sentences.append(
            f"Of {count_of(found['arithmetic'], 'check')} of printed arithmetic "
            f"{found['arithmetic_back']} {'hold' if found['arithmetic_back'] != 1 else 'holds'}."
        )
    return " ".join(sentences) or "No published number could be tested."
