"""Single claims of the literature: held against a study, or against printed numbers alone."""

from __future__ import annotations

import csv
import math
import re
from collections.abc import Iterable, Mapping
from pathlib import Path
from typing import TYPE_CHECKING, Any

import numpy as np
import pyarrow as pa

from scaling_studies.artefacts import files
from scaling_studies.cards import placeholders
from scaling_studies.cards.expressions import evaluate
from scaling_studies.cards.printed import Printed
from scaling_studies.errors import CardError
from scaling_studies.verdicts.rounding import range_of_expression
from scaling_studies.words import joined, number

if TYPE_CHECKING:
    from scaling_studies.verdicts.facts import Facts

#: Best first.
VERDICTS = ("holds", "holds_in_part", "does_not_hold", "cannot_be_tested")
TEXT = pa.large_string()
SCHEMA = pa.schema(
    {
        "claim": TEXT,
        "source": TEXT,
        "about": TEXT,
        "statement": TEXT,
        "stated": TEXT,
        "kind": TEXT,
        "verdict": TEXT,
        "evidence": TEXT,
        "studies": TEXT,
        "found": pa.float64(),
        "sentence": TEXT,
    }
)
#: A study that an expression names, ``{study/fit.quantity}``, and what names no study but a theory.
STUDY, THEORY = re.compile(r"\{([a-z][a-z0-9_]*)/"), "theory"
#: A fit of whose rows an expression asks a number: ``{study/fit.column.least}``.
OF_ROWS = re.compile(
    rf"\{{([a-z][a-z0-9_]*/[^{{}}]+)\.[a-z_0-9]+\.(?:{'|'.join(placeholders.PARTS_OF_ROWS)})[:}}]"
)


def read_claims(path: str | Path) -> list[dict[str, str]]:
    """Rows of the fact table of claims, in its order."""
    with Path(path).open(encoding="utf-8", newline="") as file:
        return list(csv.DictReader(file))


def fits_of_rows(claims: Iterable[Mapping[str, str]]) -> list[str]:
    """Fits, as ``study/fit``, whose rows the claims ask about."""
    asked = (claim[column] for claim in claims for column in ("gives", "holds", "part", "says"))
    return list(dict.fromkeys(fit for text in asked for fit in OF_ROWS.findall(text)))


def judge_claims(claims: Iterable[Mapping[str, str]], facts: Facts) -> list[dict[str, Any]]:
    """Verdict on each claim.

    Parameters
    ----------
    claims
        Rows of the fact table of claims: ``gives`` is arithmetic whose value must round to
        ``stated``, ``holds`` a statement that must be true, ``cannot`` why neither can be asked.
        ``part`` is a weaker statement, asked where ``holds`` is not true or cannot be asked. All
        may name quantities of fits, ``{study/fit.quantity}``, numbers of their rows,
        ``{study/fit.column.least}`` (``most``, ``fitted_total``), and what a theory gives,
        ``{theory/name.number}``.
    facts
        Quantities by ``study/fit``, and theories.

    Returns
    -------
    list of dict
        Columns as in `SCHEMA`.

    Raises
    ------
    CardError
        A claim asks nothing, or names a quantity that the fit has not.
    """
    return [_judged(claim, facts) for claim in claims]


def _judged(claim: Mapping[str, str], facts: Facts) -> dict[str, Any]:
    asked = f"{claim['gives']} {claim['holds']} {claim['part']}"
    named = list(dict.fromkeys(STUDY.findall(asked)))
    studies = [name for name in named if name != THEORY]
    run = {name.partition("/")[0] for name in facts.fits}
    absent = [study for study in studies if study not in run]
    found = None
    if claim["cannot"]:
        verdict, sentence = "cannot_be_tested", claim["cannot"]
    elif absent:
        verdict, sentence = "cannot_be_tested", f"Not run this time: {joined(absent)}."
    elif claim["gives"]:
        verdict, found, sentence = _value(claim, facts)
    else:
        verdict, sentence = _statement(claim, facts)
    kind = "study" if studies else "simulation" if named else "arithmetic"
    evidence = kind if verdict != "cannot_be_tested" else None
    return {
        "claim": claim["claim"],
        "source": claim["source"],
        "about": claim["about"],
        "statement": claim["statement"],
        "stated": claim["stated"],
        "kind": claim["kind"],
        "verdict": verdict,
        "evidence": evidence,
        "studies": " ".join(studies),
        "found": found,
        "sentence": sentence,
    }


def _value(claim: Mapping[str, str], facts: Facts) -> tuple[str, float, str]:
    """Verdict on a claim that states a number, the number found, and what is said."""
    expression, known = placeholders.with_values(claim["gives"], facts.number, _refusal(claim))
    ends = range_of_expression(expression, known)
    if ends is None:
        raise _refusal(claim)("its arithmetic gives no finite number", "mend it")
    printed = Printed.of(claim["stated"])
    arrays = {name: np.array([item]) for name, item in known.items()}
    value = float(evaluate(expression, arrays)[0])
    digits = max(printed.digits + 1, 3)
    said = f"{'The study gives' if known else 'Arithmetic gives'} {number(value, digits)}"
    if printed.holds(value):
        return "holds", value, f"{said}, which rounds to what is stated."
    low, high = ends
    wide = f"{number(low, digits)} to {number(high, digits)}"
    if printed.holds(low, high):
        return "holds", value, f"{said}, and {wide} before the printed numbers were rounded."
    reach = "" if math.isclose(low, high) else f"; rounding explains {wide} and no more"
    return "does_not_hold", value, f"{said} against {number(printed.value, 12)}{reach}."


def _statement(claim: Mapping[str, str], facts: Facts) -> tuple[str, str]:
    """Verdict on a claim that is a statement about numbers, and what is said."""
    if not claim["holds"] and not claim["part"]:
        raise _refusal(claim)("the claim asks nothing", "fill gives, holds, part or cannot")
    both = f"{claim['holds']} {claim['part']}"
    _, known = placeholders.with_values(both, facts.number, _refusal(claim))
    if any(map(math.isnan, known.values())):
        return "cannot_be_tested", "An interval that it needs is not known."
    said = facts.fill(claim["says"], _refusal(claim))
    if claim["holds"] and facts.holds(claim["holds"], _refusal(claim)):
        return "holds", said
    in_part = claim["part"] and facts.holds(claim["part"], _refusal(claim))
    return ("holds_in_part" if in_part else "does_not_hold"), said


def _refusal(claim: Mapping[str, str]) -> Any:
    def error(problem: str, fix: str) -> CardError:
        return CardError(problem, key=f"claims.{claim['claim']}", fix=fix)

    return error


def claim_table(rows: list[dict[str, Any]]) -> pa.Table:
    """Rows of claims as a table of `SCHEMA`."""
    return files.table_of(rows, SCHEMA)
