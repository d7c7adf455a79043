"""What a figure is drawn from: the card's entry and the artefacts of the fits it shows."""

from __future__ import annotations

from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass, field, replace
from typing import Any

import pandas as pd
from matplotlib.figure import Figure

from scaling_studies import registry
from scaling_studies.cards import placeholders
from scaling_studies.cards.models.figure import FigureEntry
from scaling_studies.cards.models.fit import FitEntry
from scaling_studies.cards.models.study import StudyCard
from scaling_studies.cards.models.target import Target
from scaling_studies.cards.printed import Printed
from scaling_studies.errors import CardError
from scaling_studies.figures.claims import (
    ALLOCATIONS,
    allocations,
    claim_holds,
    count_of_table,
    number_of_agreement,
    number_of_allocation,
    number_of_plans,
    number_of_points,
)
from scaling_studies.figures.drawing import style
from scaling_studies.figures.inputs import Inputs
from scaling_studies.fits.artefact import FitArtefact
from scaling_studies.fits.uncertainty import Uncertainty
from scaling_studies.verdicts.facts import Facts

#: What a kind of figure returns: the figure and the plotted numbers.
Drawn = tuple[Figure, pd.DataFrame]
#: Longest title of a fit, in characters, that serves as its label.
LONGEST_LABEL = 64
#: Tables that texts may count: `{laws.comes_back:d}`.
COUNTED = ("verdicts", "laws")
#: Further tables that texts may name numbers of.
AGREEMENT = (
    *("agreement", "ladders", "cross_predictions", "parabolas", "noise_floor"),
    *("run_map", "board", "choices"),
)


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
        Tables over all studies by name.
    cards
        Study cards by study.
    inputs
        Paths of the artefacts that it is drawn from.
    """

    study: str | None
    name: str
    entry: FigureEntry
    fits: dict[str, FitArtefact] = field(default_factory=dict)
    points: dict[str, pd.DataFrame] = field(default_factory=dict)
    resamples: dict[str, pd.DataFrame] = field(default_factory=dict)
    intervals: dict[str, Uncertainty] = field(default_factory=dict)
    frames: dict[str, pd.DataFrame] = field(default_factory=dict)
    cards: Mapping[str, StudyCard] = field(default_factory=dict)
    inputs: list[str] = field(default_factory=list)

    @property
    def options(self) -> dict[str, Any]:
        """Settings of the kind of figure, as the card gives them."""
        return self.entry.options

    @property
    def card(self) -> StudyCard | None:
        """The study's card; None for a figure over all studies."""
        return self.cards.get(self.study or "")

    def fit_entry(self, fit: str, study: str | None = None) -> FitEntry | None:
        """Entry of a fit in the card of its study, where there is one."""
        card = self.cards.get(study or self.study or "")
        return card.fits.get(fit) if card else None

    @property
    def title(self) -> str:
        """Title with its numbers filled in; the neutral one where its claim does not hold."""
        return self.fill("title" if self.claim_holds is not False else "neutral")

    @property
    def caption(self) -> str:
        """Caption, with what is found where the claim holds."""
        parts = ("caption", "finding") if self.claim_holds else ("caption",)
        return " ".join(filter(None, map(self.fill, parts)))

    @property
    def claim_holds(self) -> bool | None:
        """Whether the title's claim holds on these artefacts; None without a claim."""
        statement = self.entry.claim
        if statement is None:
            return None
        return claim_holds(statement, self._known, lambda p, f: self.error(p, f, "claim"))

    def _known(self, fit: str, quantity: str, part: str | None) -> float | None:
        """A number for a claim, whose intervals may be open, or a printed one."""
        if part == "printed":
            values = [target.value for target in self.printed(fit, quantity)]
            return Printed.of(values[0]).value if values and values[0] is not None else None
        if fit in self.fits:
            known = Facts(self.fits, self.intervals).number(fit, quantity, part)
            if known is not None or part is not None:
                return known
        return self._lookup(fit, quantity, part)

    @property
    def subtitle(self) -> str:
        """Subtitle with its numbers filled in; may be empty."""
        return self.fill("subtitle")

    def is_published(self, fit: str) -> bool:
        """Whether a fit is a law at published parameters rather than a refit."""
        return self.fits[fit].is_published

    def fit_label(self, fit: str) -> str:
        """Short name of a fit: ``options.labels``, else published or refit, else its title."""
        labels = self.options.get("labels") or {}
        if fit in labels:
            return str(labels[fit])
        same = [name for name in self.fits if self.is_published(name) == self.is_published(fit)]
        if len(same) == 1 and len(self.fits) > 1:
            return "published" if self.is_published(fit) else "refit"
        # All titles or all ids: a mixture looks like two kinds of fits.
        titles = {name: str(self.fits[name].title or name) for name in self.fits}
        short = max(map(len, titles.values())) <= LONGEST_LABEL
        return titles[fit] if short else fit.replace("_", " ")

    def law_name(self, study: str, fit: str, *, alone: bool = False) -> str:
        """Name of a law, or of its prediction with one chained to it, among several studies.

        Author and year with the label that the card gives it; without one, with its id unless it
        is the only one of its study there. A fit with an empty label stands for its study.
        """
        name = self.study_name(study)
        fit_id, _, chain = fit.partition("/")
        entry = self.fit_entry(fit_id, study)
        called = entry.chain.get(chain) if entry and chain else entry
        label = called.label if called else None
        if label is None and chain:
            return f"{self.law_name(study, fit_id)} ({chain.replace('_', ' ')})"
        if label is None:
            return name if alone else f"{name}: {fit.replace('_', ' ')}"
        return f"{name}: {label}" if label else name

    def study_name(self, study: str) -> str:
        """Author and year of a study, with its own name where others share both."""
        card = self.cards.get(study)
        name = style.study_name(study, card)
        alike = [other for other in self.cards.values() if other.short_name == name]
        return f"{name}, {card.name}" if card and card.name and len(alike) > 1 else name

    def of_studies(self, table: str) -> pd.DataFrame:
        """Rows of a table, of `options.studies` if given, sorted by the name of their study."""
        frame = self.needs_frame(table)
        wanted = self.option("studies")
        if wanted:
            frame = frame[frame["study"].isin(wanted)]
        return frame.assign(name=frame["study"].map(self.study_name)).sort_values(
            ["name", "study"], kind="stable"
        )

    def printed(
        self, fit: str, quantity: str | None = None, study: str | None = None
    ) -> Iterator[Target]:
        """Targets of a fit that have a printed value, all or those of a quantity."""
        entry = self.fit_entry(fit, study)
        for target in entry.targets if entry else ():
            names = (None, target.quantity, target.ours)
            if target.value is not None and quantity in names:
                yield target

    def with_defaults(self, **defaults: Any) -> FigureContext:
        """Return the same context with options that hold unless the entry sets them."""
        entry = self.entry.model_copy(update={"options": defaults | self.options})
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
                f"figures of kind {self.entry.kind} have no option {unknown[0]!r}",
                f"use one of {', '.join(sorted(known))}",
                f"options.{unknown[0]}",
            )

    def needs_fits(self, at_least: int = 1) -> list[str]:
        """Names of the fits shown; an error when there are too few."""
        if len(self.fits) < at_least:
            raise self.error(
                f"figures of kind {self.entry.kind} need {at_least} or more fits",
                "name them under `fits`",
                "fits",
            )
        return list(self.fits)

    def needs_frame(self, name: str) -> pd.DataFrame:
        """One of the tables over all studies."""
        if name not in self.frames:
            raise self.error(
                f"figures of kind {self.entry.kind} need the table of {name.replace('_', ' ')}",
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
        return placeholders.fill(
            getattr(self.entry, key) or "", self._lookup, lambda p, f: self.error(p, f, key)
        )

    def _lookup(self, fit: str, quantity: str, part: str | None) -> float | None:
        if fit in ALLOCATIONS and "allocation" in self.frames and part is None:
            return number_of_allocation(allocations(self.frames["allocation"], fit), quantity)
        if fit == "plans" and fit in self.frames and part is None:
            return number_of_plans(self.frames[fit], quantity)
        if fit in AGREEMENT and fit in self.frames and part is None:
            return number_of_agreement(self.frames[fit], quantity)
        if fit in COUNTED and fit in self.frames:
            return count_of_table(self.frames[fit], fit, quantity) if part is None else None
        if fit not in self.fits:
            return None
        if part is not None:
            return getattr(self.intervals[fit].intervals.get(quantity), part, None)
        counts = {"n": self.fits[fit].n, "n_held_out": self.fits[fit].n_held_out}
        known = counts | self.fits[fit].quantities
        return known.get(quantity, number_of_points(self.points.get(fit), quantity))

    def meta(self, provenance: dict[str, Any] | None = None) -> dict[str, Any]:
        """Describe the figure for pages, with every placeholder filled."""
        return {
            "name": self.name,
            "kind": self.entry.kind,
            "title": self.title,
            "claim_holds": self.claim_holds,
            "question": self.entry.question or self._question_of_kind(),
            "subtitle": self.subtitle,
            "caption": self.caption,
            "alt": self.fill("alt"),
            "study": self.study,
            "key": self.entry.key,
            "page": registry.trait("figures", self.entry.kind, "PAGE", "comparisons"),
            "inputs": self.inputs,
            "provenance": provenance or {},
        }

    def _question_of_kind(self) -> str:
        """What a figure of this kind answers, and what it does where there are no rows."""
        told = registry.trait("figures", self.entry.kind, "QUESTION_WITHOUT_ROWS")
        without_rows = self.fits and not self.points and told
        return str(without_rows or registry.trait("figures", self.entry.kind, "QUESTION", ""))


def load(
    study: str | None,
    name: str,
    entry: FigureEntry,
    inputs: Inputs,
    cards: Mapping[str, StudyCard] | None = None,
) -> FigureContext:
    """Read what a figure is drawn from; it is over all studies where `study` is None.

    Raises
    ------
    ArtefactError
        A file is missing or damaged.
    """
    context = FigureContext(study, name, entry, cards=cards or {})

    def read(path: str, *reader: Any) -> Any:
        context.inputs.append(path)
        return inputs.read(path, *reader)

    for fit in entry.fits or inputs.fits:
        if fit not in inputs.fits:
            raise context.error(f"no fit {fit!r} was handed over", "list it under `fits`", "fits")
        artefact = context.fits[fit] = read(inputs.fits[fit], FitArtefact.read)
        points = read(inputs.points[fit])
        if len(points):
            context.points[fit] = points
        if artefact.uncertainty:
            context.intervals[fit] = artefact.uncertainty
        else:
            context.resamples[fit] = read(inputs.resamples[fit])
            context.intervals[fit] = read(inputs.intervals[fit], Uncertainty.read)
    context.frames.update((table, read(path)) for table, path in inputs.tables.items())
    return context
