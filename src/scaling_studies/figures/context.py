"""What a figure is drawn from: the card's entry and the artefacts of the fits it shows."""

from __future__ import annotations

import re
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field, replace
from pathlib import Path
from string import Formatter
from typing import TYPE_CHECKING, Any

from scaling_studies.artefacts import files
from scaling_studies.errors import CardError
from scaling_studies.figures.drawing import style
from scaling_studies.fits.artefact import FitArtefact
from scaling_studies.fits.uncertainty import Uncertainty
from scaling_studies.verdicts.judge import OWN_REFIT
from scaling_studies.words import without_e

if TYPE_CHECKING:
    import pandas as pd

#: Estimators that fit nothing: the law stands at published parameters.
PUBLISHED_ESTIMATORS = frozenset({"evaluate", "printed"})
#: Tables of all studies that comparison figures draw on, by name, below the results folder.
FRAMES = {
    "exponents": "comparisons/exponents.parquet",
    "allocation": "comparisons/allocation.parquet",
    "held_out": "comparisons/held_out.parquet",
    "verdicts": "verdicts.parquet",
    "fits": "fits.parquet",
}
#: Longest title of a fit, in characters, that serves as its label.
LONGEST_LABEL = 64
INTERVAL_PARTS = ("low", "high", "standard_error", "median")
FORMAT_SPEC = re.compile(r"[+]?,?(\.[0-9]{1,2})?[efgd%]?")


class NothingToShowError(Exception):
    """The artefacts of this run hold nothing for a figure; the text says why, for readers."""


@dataclass
class FigureContext:
    """Everything a kind of figure may use.

    Attributes
    ----------
    study
        Study id; None for a figure over all studies.
    name
        Name of the figure.
    entry
        The figure's entry in the card: kind, title, caption, alt, fits, options ...
    fits
        Fit artefacts by name, in the order of the entry.
    points, resamples
        Rows and resampled parameters by fit; fits without rows or resamples are absent.
    intervals
        Interval artefacts by fit.
    frames
        Tables over all studies by name; see ``FRAMES``.
    cards
        Study cards by study.
    inputs
        Paths of the artefacts read, relative to the results folder's parent.
    """

    study: str | None
    name: str
    entry: dict[str, Any]
    fits: dict[str, FitArtefact] = field(default_factory=dict)
    points: dict[str, pd.DataFrame] = field(default_factory=dict)
    resamples: dict[str, pd.DataFrame] = field(default_factory=dict)
    intervals: dict[str, Uncertainty] = field(default_factory=dict)
    frames: dict[str, pd.DataFrame] = field(default_factory=dict)
    cards: dict[str, dict[str, Any]] = field(default_factory=dict)
    inputs: list[str] = field(default_factory=list)

    @property
    def options(self) -> dict[str, Any]:
        """Settings of the kind of figure, as the card gives them."""
        return self.entry.get("options") or {}

    @property
    def card(self) -> dict[str, Any]:
        """The study's card; empty for a figure over all studies."""
        return self.cards.get(self.study or "", {})

    @property
    def title(self) -> str:
        """Title with its numbers filled in."""
        return self.fill("title")

    @property
    def subtitle(self) -> str:
        """Subtitle with its numbers filled in; may be empty."""
        return self.fill("subtitle")

    def is_published(self, fit: str) -> bool:
        """Whether a fit is a law at published parameters rather than a refit."""
        return self.fits[fit].get("estimator") in PUBLISHED_ESTIMATORS

    def fit_label(self, fit: str) -> str:
        """Short name of a fit: ``options.labels``, else published or refit, else its title."""
        labels = self.options.get("labels") or {}
        if fit in labels:
            return str(labels[fit])
        same = [name for name in self.fits if self.is_published(name) == self.is_published(fit)]
        if len(same) == 1 and len(self.fits) > 1:
            return "published" if self.is_published(fit) else "refit"
        # All titles or all ids: a mixture looks like two kinds of fits.
        titles = {name: str(self.fits[name].get("title") or name) for name in self.fits}
        short = max(map(len, titles.values())) <= LONGEST_LABEL
        return titles[fit] if short else fit.replace("_", " ")

    def law_name(self, study: str, fit: str, *, alone: bool = False) -> str:
        """Name of a law, or of its prediction with one chained to it, among several studies.

        Author and year with the label that the card gives it; without one, with its id unless it
        is the only one of its study there. A fit with an empty label stands for its study.
        """
        card = self.cards.get(study)
        name = style.study_name(study, card)
        fit_id, _, chain = fit.partition("/")
        entry = ((card or {}).get("fits") or {}).get(fit_id, {})
        label = (entry["chain"].get(chain, {}) if chain else entry).get("label")
        if label is None and chain:
            label = f"{self.law_name(study, fit_id)} ({chain.replace('_', ' ')})"
            return label
        if label is None:
            return name if alone else f"{name}: {fit.replace('_', ' ')}"
        return f"{name}: {label}" if label else name

    def by_name(self, frame: pd.DataFrame) -> pd.DataFrame:
        """Rows sorted by the name of their study; those of one study keep their order."""
        names = frame["study"].map(lambda study: style.study_name(study, self.cards.get(study)))
        return frame.assign(name=names).sort_values(["name", "study"], kind="stable")

    def with_defaults(self, **defaults: Any) -> FigureContext:
        """Return the same context with options that hold unless the entry sets them."""
        entry = self.entry | {"options": defaults | self.options}
        return replace(self, entry=entry)

    def error(self, problem: str, fix: str, key: str = "options") -> CardError:
        """Error that names the figure and the key of its entry."""
        return CardError(problem, fix=fix, study=self.study, key=f"figures.{self.name}.{key}")

    def option(self, name: str, default: Any = None, choices: Sequence[Any] = ()) -> Any:
        """One setting, checked against the choices when there are any."""
        value = self.options.get(name, default)
        if choices and value not in choices:
            raise self.error(
                f"{value!r} is not a choice",
                f"use one of {', '.join(map(str, choices))}",
                f"options.{name}",
            )
        return value

    def only_options(self, *known: str) -> None:
        """Refuse settings that this kind of figure does not have."""
        unknown = sorted(set(self.options) - set(known))
        if unknown:
            raise self.error(
                f"figures of kind {self.entry['kind']} have no option {unknown[0]!r}",
                f"use one of {', '.join(sorted(known))}",
                f"options.{unknown[0]}",
            )

    def needs_fits(self, at_least: int = 1) -> list[str]:
        """Names of the fits shown; an error when there are too few."""
        if len(self.fits) < at_least:
            raise self.error(
                f"figures of kind {self.entry['kind']} need {at_least} or more fits",
                "name them under `fits`",
                "fits",
            )
        return list(self.fits)

    def needs_frame(self, name: str) -> pd.DataFrame:
        """One of the tables over all studies."""
        if name not in self.frames:
            raise self.error(
                f"figures of kind {self.entry['kind']} need the table {FRAMES[name]}",
                "declare the figure among the comparisons, not in a study card",
                "kind",
            )
        return self.frames[name]

    def needs_points(self, fit: str) -> pd.DataFrame:
        """Rows of a fit; an error for a law that is only printed."""
        if fit not in self.points:
            raise self.error(
                f"fit {fit} has no rows to show", "name a fit that has a table", "fits"
            )
        return self.points[fit]

    def fill(self, key: str) -> str:
        """Replace the placeholders in a text of the entry by numbers from the artefacts.

        Raises
        ------
        CardError
            A placeholder that is not ``{fit.quantity:format}`` of an artefact this figure reads.
        """
        return fill_placeholders(
            self.entry.get(key) or "", self._lookup, lambda p, f: self.error(p, f, key)
        )

    def _lookup(self, fit: str, quantity: str, part: str | None) -> float | None:
        if fit == "verdicts" and "verdicts" in self.frames:
            return _verdict_count(self.frames["verdicts"], quantity) if part is None else None
        if part is not None:
            return self.intervals.get(fit, {}).get("intervals", {}).get(quantity, {}).get(part)
        artefact = self.fits.get(fit, {})
        value = artefact.get("quantities", {}).get(quantity)
        return (
            artefact.get(quantity) if value is None and quantity in ("n", "n_held_out") else value
        )

    def meta(self, provenance: dict[str, Any] | None = None) -> dict[str, Any]:
        """Describe the figure for pages, with every placeholder filled."""
        return {
            "name": self.name,
            "kind": self.entry["kind"],
            "title": self.title,
            "subtitle": self.subtitle,
            "caption": self.fill("caption"),
            "alt": self.fill("alt"),
            "study": self.study,
            "key": bool(self.entry.get("key", False)),
            "inputs": self.inputs,
            "provenance": provenance or {},
        }


def _verdict_count(verdicts: pd.DataFrame, what: str) -> float | None:
    """Count published numbers; reference values of ours are not among them."""
    verdicts = verdicts[verdicts["confirmation"] != OWN_REFIT]
    if what == "total":
        return len(verdicts)
    if what == "studies":
        return verdicts["study"].nunique()
    if what in ("reproduced", "within_interval", "not_reproduced", "not_testable"):
        return int((verdicts["verdict"] == what).sum())
    return None


def fill_placeholders(text: str, lookup: Any, error: Any) -> str:
    """Replace ``{fit.quantity:format}`` and ``{fit.quantity.low:format}`` by numbers.

    Parameters
    ----------
    text
        Text of a card. Doubled braces stand for themselves.
    lookup
        Function of (fit, quantity, interval part or None) that returns a number or None.
    error
        Function of (problem, fix) that makes the error to raise.

    Returns
    -------
    str
        The text; numbers carry a true minus sign and powers of ten.

    Notes
    -----
    Only numbers of artefacts can be reached: no attribute access, indexing, conversion or
    nested field as in :meth:`str.format`.
    """
    filled = []
    try:
        pieces = list(Formatter().parse(text))
    except ValueError as problem:
        raise error(f"the text has a stray brace ({problem})", "write {{ for a brace") from None
    for literal, name, spec, conversion in pieces:
        filled.append(literal)
        if name is None:
            continue
        if conversion or not FORMAT_SPEC.fullmatch(spec or "") or "{" in (spec or ""):
            raise error(
                f"placeholder {{{name}}} has the format {(spec or conversion)!r}",
                "use a format such as :.3f, :.3g, :,d or :.1%",
            )
        value = lookup(*_split_name(name))
        if value is None:
            raise error(
                f"placeholder {{{name}}} is no number of an artefact this figure reads",
                "write {fit.quantity:.3f} with a fit listed under `fits` and one of its quantities",
            )
        if (spec or "").endswith("d"):
            value = round(value)
        number = without_e(format(value, spec or ".4g"))
        if number.endswith("%"):
            number = f"{number[:-1]} %"
        filled.append(f"−{number[1:]}" if number.startswith("-") else number)
    # A number and its per cent sign stay on one line.
    return " ".join("".join(filled).replace(" %", "\N{NO-BREAK SPACE}%").split(" "))


def _split_name(name: str) -> tuple[str, str, str | None]:
    """Split into fit, quantity and interval part; fit ids may hold dots, quantities do not."""
    head, _, last = name.rpartition(".")
    if last in INTERVAL_PARTS and "." in head:
        fit, _, quantity = head.rpartition(".")
        return fit, quantity, last
    return head, last, None


def load(
    study: str | None,
    figure: str,
    entry: dict[str, Any],
    results_dir: str | Path,
    fits: Sequence[str] = (),
    *,
    cards: Mapping[str, dict[str, Any]] | None = None,
    frames: Sequence[str] = (),
) -> FigureContext:
    """Read the artefacts that a figure shows.

    Parameters
    ----------
    study
        Study id; None for a figure over all studies.
    figure
        Name of the figure.
    entry
        Its entry in the card or in the configuration of comparisons.
    results_dir
        Folder with ``fits/`` and ``resamples/``.
    fits
        Fits to read; those of the entry when empty.
    cards
        Study cards by study, for labels, units and colours.
    frames
        Names of the tables over all studies to read; see ``FRAMES``.

    Raises
    ------
    ArtefactError
        A file is missing or damaged.
    """
    results = Path(results_dir)
    context = FigureContext(study, figure, entry, cards=dict(cards or {}))

    def note(relative: str) -> Path:
        context.inputs.append(f"{results.name}/{relative}")
        return results / relative

    for fit in fits or entry.get("fits") or ():
        base = f"{study}/{fit}"
        artefact = context.fits[fit] = FitArtefact.read(note(f"fits/{base}.json"))
        points = files.read_parquet(note(f"fits/{base}.points.parquet"))
        if len(points):
            context.points[fit] = points
        if artefact.uncertainty:
            context.intervals[fit] = artefact.uncertainty
        else:
            context.resamples[fit] = files.read_parquet(note(f"resamples/{base}.parquet"))
            context.intervals[fit] = Uncertainty.read(note(f"resamples/{base}.json"))
    for name in frames:
        context.frames[name] = files.read_parquet(note(FRAMES[name]))
    return context


def card_parts(card: Mapping[str, Any]) -> dict[str, Any]:
    """Parts of a card that figures use, so that an edit elsewhere in it redraws nothing.

    Parameters
    ----------
    card
        A study card.

    Returns
    -------
    dict
        Title, citation, colour, units of the measurements, and of each fit its axes, response,
        targets and quantities.
    """
    parts = {key: card[key] for key in ("title", "citation", "colour") if key in card}
    parts["tables"] = {
        name: {"measurements": table["measurements"]}
        for name, table in (card.get("tables") or {}).items()
    }
    parts["fits"] = {
        name: {
            key: fit[key]
            for key in ("axes", "response", "table", "targets", "quantities")
            if key in fit
        }
        for name, fit in (card.get("fits") or {}).items()
    }
    return parts
