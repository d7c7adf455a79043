"""The box that opens a study's page: its laws, their constants, and how far they reach."""

from __future__ import annotations

import math
from collections.abc import Collection, Mapping, Sequence
from typing import Any, NamedTuple

import markupsafe

from scaling_studies import words
from scaling_studies.cards.models.study import LawEntry, StudyCard
from scaling_studies.cards.models.target import ALL_CONSTANTS
from scaling_studies.cards.names import COLUMNS, quantity_name
from scaling_studies.fits.artefact import FitArtefact
from scaling_studies.laws import get_law
from scaling_studies.pages.formulas import formula, symbol
from scaling_studies.pages.tables import Row
from scaling_studies.verdicts.laws import laws_of

#: Constants that the box shows; the table of all numbers has the others.
MOST_CONSTANTS = 8
#: The same of one law where there are many.
LEAST_CONSTANTS = 2
#: Digits of a published value in the box; all of them stand in the table.
MOST_DIGITS = 6
#: Formulas that the box shows.
MOST_FORMULAS = 3
#: Findings on other choices that the box shows of one law, and of all laws where there are many.
MOST_CHOICES, MOST_CHOICES_OF_MANY = 2, 6
#: Width and height of a dumbbell, and the share of its width on either side of what it shows.
WIDTH, HEIGHT, MARGIN = 150.0, 16.0, 0.06
#: Ratio of the largest to the smallest value of a dumbbell from which its scale is logarithmic.
LOGARITHMIC = 20.0
#: What stands in the row of conventions, and where a card says it of its tables.
CONVENTIONS = {
    "N": ("params_convention", "params"),
    "D": ("tokens_convention", "tokens"),
    "C": ("flops_convention", "flops"),
    "Tokenizer": ("tokenizer", ""),
    "Schedule": ("schedule", ""),
}
#: The conventions in the order of the page.
TERMS = ("N", "D", "C", "Loss", "Tokenizer", "Schedule")
#: Metrics and units whose words are no ids.
MEASURES = {"elo": "Elo", "bleu": "BLEU", "fraction": "as a fraction", "count": "counts"}
SPOKEN = {
    "6ND_total": "6ND, N with embeddings",
    "6ND_non_embedding": "6ND, N without embeddings",
    "reported": "as the authors report it",
    "forward_only": "forward pass alone",
}


class Said(NamedTuple):
    """A text on a law, with the law's name where there are several."""

    law: str
    text: str


def quantity(name: str, law: str, descriptions: Mapping[str, str] | None = None) -> dict[str, Any]:
    """Symbol of a quantity as MathML, its words, and the same as plain text."""
    meanings = {item.name: item.meaning for item in get_law(law).parameters}
    called = quantity_name(name, meanings, descriptions)
    shown = symbol(called.symbol) if called.symbol else ""
    if "^" in called.symbol:
        shown = formula(called.symbol)
    return {"of": called.of, "symbol": shown, "words": called.words, "plain": called.plain}


def called(row: Row, card: StudyCard, law: str, said: Mapping[str, str]) -> dict[str, Any]:
    """How the quantity of a verdict is called: as the quantity that it is held against.

    A paper's α may be another law's coefficient; what it is stands with ours.
    """
    targets = card.fits[row["fit"]].targets
    # A test of all constants together shows objectives; its statistic is another number.
    names = {item.quantity: item.ours for item in targets if item.quantity != ALL_CONSTANTS}
    ours = names.get(row["quantity"])
    return quantity(ours or row["quantity"], law, said)


def box(
    card: StudyCard,
    fits: Mapping[str, FitArtefact],
    verdicts: Sequence[Row],
    laws: Sequence[Row],
    held_out: Sequence[Row],
    checks: Mapping[str, Any] | None = None,
) -> dict[str, Any]:
    """What the box of a study's page shows.

    Parameters
    ----------
    card
        The study's card.
    fits
        Artefacts by fit.
    verdicts, laws
        Rows of the study's tables of verdicts and of laws.
    held_out
        Rows that were predicted and not fitted.
    checks
        Findings of all checks of the study's fits.

    Returns
    -------
    dict
        ``formulas``, ``constants`` and how many ``further`` ones there are, ``choices`` and
        ``tested`` (sentences) and ``conventions`` (term and words).
    """
    named = laws_of(card.fits, card.laws, {name: fit.title for name, fit in fits.items()})
    formulas = dict.fromkeys(
        fits[law["fit"]].formula or get_law(fits[law["fit"]].law).formula
        for law in laws
        if law["fit"] in fits
    )
    of_laws = _constants(named, verdicts)
    room = max(MOST_CONSTANTS // max(len(of_laws), 1), LEAST_CONSTANTS)
    shown = [row for rows in of_laws for row in rows[:room]]
    return {
        "formulas": [formula(text) for text in list(formulas)[:MOST_FORMULAS]],
        "constants": _named(shown, card, fits, several=len(of_laws) > 1),
        "further": sum(map(len, of_laws)) - len(shown),
        "choices": _choices(named, laws, checks),
        "tested": _tested(named, laws, fits, held_out, _of_elo(card)),
        "conventions": conventions(card),
    }


def _constants(named: Mapping[str, LawEntry], verdicts: Sequence[Row]) -> list[list[Row]]:
    """Published constants beside a value of ours, a list for each law that has some.

    Those of the fit that stands for the law come first, in its order, headline ones before others.
    """
    found = []
    for law in named.values():
        rows = [
            row
            for fit in law.fits
            for row in verdicts
            if row["fit"] == fit
            and row["quantity"] != ALL_CONSTANTS
            and row["role"] in ("headline", "constant")
            and row["evidence"] != "arithmetic"
            and row["refit"] is not None
            and row["published"] is not None
            and not str(row["quantity"]).endswith(("_standard_error", "_interval"))
        ]
        # A transform of another constant stands in the table of all numbers alone.
        rows = [row for row in rows if row["counted"]] or rows
        if rows:
            order = law.fits.index
            rows.sort(key=lambda row: (order(row["fit"]), row["role"] != "headline"))
            found.append(rows)
    return found


def _named(
    rows: Sequence[Row], card: StudyCard, fits: Mapping[str, FitArtefact], *, several: bool
) -> list[dict[str, Any]]:
    """Constants with their names; the fit stands with each where there are several of a name."""
    found = [_constant(row, card, fits[row["fit"]]) for row in rows]
    names = [item["called"] for item in found]
    if several or any(names.count(name) > 1 for name in names):
        for item in found:
            item["of"] = fits[item["fit"]].title
    return found


def _constant(row: Row, card: StudyCard, fit: FitArtefact) -> dict[str, Any]:
    return {
        **row,
        "shortened": float(f"{row['published']:.{MOST_DIGITS}g}"),
        "called": called(row, card, fit.law, fit.quantity_descriptions),
        "of": "",
        # Without an interval nothing says what a distance is to be measured by.
        "drawing": ""
        if row["ci_low"] is None
        else dumbbell(row["published"], row["refit"], row["ci_low"], row["ci_high"]),
    }


def dumbbell(
    published: float, refit: float, low: float | None = None, high: float | None = None
) -> markupsafe.Markup:
    """A published value (hollow) and ours (filled, with its interval) on a scale of their own.

    The numbers stand beside it in the table, so that it is hidden from screen readers.
    """
    ends = [end for end in (low, high) if end is not None and math.isfinite(end)]
    values = [published, refit, *ends]
    logs = min(values) > 0 and max(values) / min(values) > LOGARITHMIC
    across = [math.log(value) if logs else value for value in values]
    least, most = min(across), max(across)
    room = (most - least) or 1.0

    def at(value: float) -> str:
        share = ((math.log(value) if logs else value) - least) / room if most > least else 0.5
        return f"{WIDTH * (MARGIN + (1 - 2 * MARGIN) * share):.1f}"

    middle = f"{HEIGHT / 2:g}"
    left = at(low) if low is not None and math.isfinite(low) else "0"
    right = at(high) if high is not None and math.isfinite(high) else f"{WIDTH:g}"
    bar = (
        f'<line class="bar" x1="{left}" x2="{right}" y1="{middle}" y2="{middle}"/>' if ends else ""
    )
    return markupsafe.Markup(
        f'<svg class="dumbbell" viewBox="0 0 {WIDTH:g} {HEIGHT:g}" width="{WIDTH:g}" '
        f'height="{HEIGHT:g}" aria-hidden="true">{bar}'
        f'<line class="gap" x1="{at(published)}" x2="{at(refit)}" y1="{middle}" y2="{middle}"/>'
        f'<circle class="refit" cx="{at(refit)}" cy="{middle}" r="4"/>'
        f'<circle class="published" cx="{at(published)}" cy="{middle}" r="4"/></svg>'
    )


def _choices(
    named: Mapping[str, LawEntry], laws: Sequence[Row], checks: Mapping[str, Any] | None
) -> list[Said]:
    """What other choices do to the fits of the laws, in the words of the check."""
    found = [
        finding
        for finding in (checks or {}).get("findings", ())
        if finding["check"] == "choice_sensitivity"
    ]
    several = len(laws) > 1
    said = []
    for entry in named.values():
        # What all combinations of choices do to the fit comes first; then what tells fits apart.
        own = sorted(
            (finding for finding in found if finding["fit"] in entry.fits),
            key=lambda finding: entry.fits.index(finding["fit"]),
        )
        for finding in own[: 1 if several else MOST_CHOICES]:
            said.append(Said(entry.name if several else "", finding["text"]))
    return said[:MOST_CHOICES_OF_MANY]


def _of_elo(card: StudyCard) -> set[str]:
    """Fits of strengths, whose zero is arbitrary: a relative error of them means nothing."""
    metrics = {fit: entry.response and entry.response.metric for fit, entry in card.fits.items()}
    return {fit for fit, metric in metrics.items() if metric == "elo"}


def _tested(
    named: Mapping[str, LawEntry],
    laws: Sequence[Row],
    fits: Mapping[str, FitArtefact],
    held_out: Sequence[Row],
    of_elo: Collection[str],
) -> list[Said]:
    """How far each law reaches, and how large its errors on other runs are."""
    found: dict[str, list[str]] = {}
    entries = {entry.name: entry for entry in named.values()}
    for law in laws:
        entry = entries[law["name"]]
        text = _tested_of_law(entry, law, fits, held_out, of_elo)
        if text:
            found.setdefault(text, []).append(entry.name)
    several = len(laws) > 1
    return [
        Said(words.joined(names) if several else "", text) for text, names in found.items()
    ] or [Said("", "No run is public.")]


def _tested_of_law(
    entry: LawEntry,
    law: Row,
    fits: Mapping[str, FitArtefact],
    held_out: Sequence[Row],
    of_elo: Collection[str],
) -> str:
    said = []
    if law["reach"]:
        published = law["fit"] in fits and fits[law["fit"]].is_published
        said.append(f"{'Held against' if published else 'Fitted to'} {law['reach']}.")
    # Of one fit: the same runs may be predicted by several of a law.
    by_fit = ([row for row in held_out if row["fit"] == fit] for fit in entry.fits)
    rows = next(filter(None, by_fit), [])
    errors = [row["relative_residual"] for row in rows if row["relative_residual"] is not None]
    if rows and rows[0]["fit"] in of_elo:
        said.append(f"{words.count_of(len(rows), 'strength')} predicted and not fitted.")
    elif len(errors) > 1:
        ends = f"{words.signed_percent(min(errors))} to {words.signed_percent(max(errors))}"
        many = words.count_of(len(errors), "prediction")
        said.append(f"{many} of what the fit left out: errors of {ends}.")
    elif errors:
        said.append(
            f"The fit left one run out, and missed it by {words.signed_percent(errors[0])}."
        )
    elif said and not said[0].startswith("Held"):
        said.append("The fit left nothing out.")
    return " ".join(said)


def conventions(card: StudyCard) -> list[tuple[str, str]]:
    """What N, D and C count and how losses were measured, as the card says it of its tables.

    What neither the card nor its tables say stands last, in one entry.
    """
    found: dict[str, str] = {}
    for term, (constant, axis) in CONVENTIONS.items():
        said = [
            str(table.constants[constant])
            for table in card.tables.values()
            if constant in table.constants
        ]
        varies = any(constant in table.columns for table in card.tables.values())
        columns = [
            COLUMNS.get(str(entry.axes[axis]), str(entry.axes[axis]).replace("_", " "))
            for entry in card.fits.values()
            if entry.axes and axis in entry.axes
        ]
        texts = said or (["as each run records it"] if varies else []) or columns
        texts = [SPOKEN.get(text, text) for text in dict.fromkeys(texts)]
        found[term] = "; ".join(texts[:2])
    found = {"Loss": _losses(card)} | found | card.conventions
    known = [(term, found[term]) for term in TERMS if found[term]]
    missing = [term if len(term) == 1 else term.lower() for term in TERMS if not found[term]]
    return known + ([("Not recorded here", ", ".join(missing))] if missing else [])


def _losses(card: StudyCard) -> str:
    measured = set()
    for table in card.tables.values():
        for item in table.measurements:
            if item.unit in ("params", "tokens"):  # optima are no losses
                continue
            units = [item.unit] if item.unit != "as_printed" else []
            told = [part for part in (item.metric, *units, item.eval_set) if isinstance(part, str)]
            metric, *rest = dict.fromkeys(map(_spoken, told)) or [""]
            measured.add(f"{metric} ({', '.join(rest)})" if rest else metric)
    some = sorted(measured - {""})
    return "; ".join([*some[:2], *([f"and {len(some) - 2} more"] if len(some) > 2 else [])])


def _spoken(part: str) -> str:
    return MEASURES.get(part, part.replace("_", " "))
