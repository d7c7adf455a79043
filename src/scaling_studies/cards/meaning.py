"""What no model can say of a card: names that must exist elsewhere in it or in a registry."""

from __future__ import annotations

from typing import TYPE_CHECKING

import numpy as np

from scaling_studies import registry
from scaling_studies.cards.expressions import evaluate, names_in
from scaling_studies.cards.methods import method_problems
from scaling_studies.cards.models.base import LARGEST
from scaling_studies.cards.resolve import ALLOCATION, quantity_names, resamples_needed
from scaling_studies.cards.steps import optimum_problems, step_problems
from scaling_studies.cards.texts import text_problems
from scaling_studies.errors import CardError
from scaling_studies.laws import get_law
from scaling_studies.words import suggest

if TYPE_CHECKING:
    from collections.abc import Callable, Iterable, Iterator

    from scaling_studies.cards.methods import Wrong
    from scaling_studies.cards.models.fit import FitEntry
    from scaling_studies.cards.models.study import StudyCard
    from scaling_studies.models.law import Law


#: Ids that no study can have: its figures would lie among those of the page so named.
RESERVED = frozenset({"comparisons"})


def meaning_problems(card: StudyCard, study: str) -> Iterator[CardError]:
    """Contradictions of a card that satisfies the models.

    Parameters
    ----------
    card
        The card.
    study
        Id that its file's name gives it.

    Yields
    ------
    CardError
        One for each problem.
    """
    if card.study != study:
        yield CardError(
            f"the card calls itself {card.study!r} but its file is {study}.yaml",
            study=study,
            key="study",
            fix="give both the same name",
        )
    if card.study in RESERVED:
        yield CardError(
            f"{card.study!r} is the name of a page of the report",
            study=study,
            key="study",
            fix="give study and file another name, for example that of its first author and year",
        )
    if len({table.retrieved for table in card.tables.values()}) > 1:
        yield CardError(
            "some tables are retrieved and some carried",
            study=study,
            key="tables",
            fix="make them all retrieved, or split the study",
        )
    # Laws first: everything else of a fit asks its law.
    laws = registry.names("laws")
    unknown = {fit_id: fit.law for fit_id, fit in card.fits.items() if fit.law not in laws}
    for fit_id, law in sorted(unknown.items()):
        problem, fix = registry.unknown("laws", law)
        yield CardError(problem, study=study, key=f"fits.{fit_id}.law", fix=fix)
    if not unknown:
        for fit_id, fit in card.fits.items():
            yield from _fit_problems(card, study, fit_id, fit)
        yield from _forecast_problems(card, study)
    yield from _figure_problems(card, study, known_laws=not unknown)


def _figure_problems(card: StudyCard, study: str, *, known_laws: bool) -> Iterator[CardError]:
    for name, figure in card.figures.items():
        if figure.kind not in registry.names("figures"):
            problem, fix = registry.unknown("figures", figure.kind)
            yield CardError(problem, study=study, key=f"figures.{name}.kind", fix=fix)
        for fit_id in figure.fits or ():
            if fit_id not in card.fits:
                yield _unknown_fit(card, study, fit_id, f"figures.{name}.fits")
        if known_laws and set(figure.fits or ()) <= set(card.fits):
            yield from text_problems(card, study, name, figure)


def _unknown_fit(card: StudyCard, study: str, fit_id: str, key: str) -> CardError:
    fix = suggest(fit_id, card.fits, "name a fit of this card")
    return CardError(f"unknown fit {fit_id!r}", study=study, key=key, fix=fix)


def _forecast_problems(card: StudyCard, study: str) -> Iterator[CardError]:
    """Fits that laws, `ranking` and `plan` name."""
    for name, law in card.laws.items():
        for unknown in (fit for fit in law.fits if fit not in card.fits):
            yield CardError(
                f"unknown fit {unknown!r}",
                study=study,
                key=f"laws.{name}.fits",
                fix=suggest(unknown, card.fits, "name fits of this card"),
            )
    for part, wanted in (("ranking", card.ranking), ("plan", card.plan)):
        key = f"{part}.fits"
        for fit_id in wanted.fits if wanted else ():
            if fit_id not in card.fits:
                yield _unknown_fit(card, study, fit_id, key)
                continue
            fit = card.fits[fit_id]
            if fit.estimator != "parametric" or fit.reduce or fit.chain:
                yield CardError(
                    f"{fit_id} is not a plain fit of rows",
                    study=study,
                    key=key,
                    fix="name fits without `estimator`, `reduce` and `chain`",
                )
            elif part == "plan" and set(get_law(fit.law).axis_names) != {"params", "tokens"}:
                yield CardError(
                    f"the law {fit.law} has no allocation between size and data",
                    study=study,
                    key=key,
                    fix="name fits of laws with the axes params and tokens",
                )


def _fit_problems(card: StudyCard, study: str, fit_id: str, fit: FitEntry) -> Iterator[CardError]:
    """What contradicts itself in one fit, or names what does not exist."""

    def wrong(problem: str, key: str, fix: str) -> CardError:
        return CardError(problem, study=study, key=f"fits.{fit_id}.{key}", fix=fix)

    law = get_law(fit.law)
    if fit.has_rows:
        yield from _row_problems(card, law, fit, wrong)
    if fit.table is not None and fit.source_study is None and fit.table not in card.tables:
        yield wrong(
            f"unknown table {fit.table!r}",
            "table",
            suggest(fit.table, card.tables, "name a table of this card"),
        )
    yield from method_problems(fit, wrong)
    yield from step_problems(card, fit_id, fit, wrong)
    yield from optimum_problems(card, fit, wrong)
    yield from _parameter_problems(law, fit, wrong)
    yield from _chain_problems(card, fit_id, fit, wrong)
    yield from _quantity_problems(card, fit_id, fit, wrong)
    yield from _target_problems(card, fit_id, fit, wrong)


def _row_problems(card: StudyCard, law: Law, fit: FitEntry, wrong: Wrong) -> Iterator[CardError]:
    if fit.source_study is None and not card.tables:
        yield wrong(
            "there is no run table to fit", "table", "declare a table, or use `estimator: printed`"
        )
    for key in ("response", "axes"):
        if getattr(fit, key) is None:
            yield wrong(
                f"key {key!r} is missing", key, f"say which columns are the {key} of the law"
            )
    if fit.axes is None:
        return
    own = registry.trait("estimators", fit.estimator, "AXES")
    names, whose = (own, f"estimator {fit.estimator}") if own else (law.axis_names, fit.law)
    missing = [axis for axis in names if axis not in fit.axes]
    for name in missing + [axis for axis in fit.axes if axis not in names]:
        yield wrong(
            f"axis {name!r} is {'missing' if name in missing else 'unknown'}",
            "axes",
            f"the axes of {whose} are {', '.join(names)}",
        )


def _parameter_problems(law: Law, fit: FitEntry, wrong: Wrong) -> Iterator[CardError]:
    starts = fit.starts or ()
    given: dict[str, Iterable[str]] = {
        "fixed": fit.fixed,
        "bounds": fit.bounds,
        "shared": [name for pair in fit.shared.items() for name in pair],
        "starts": starts
        if isinstance(starts, dict)
        else sorted({name for start in starts for name in start}),
    }
    for key, names in given.items():
        for name in names:
            if name not in law.parameter_names:
                yield wrong(
                    f"unknown parameter {name!r}",
                    key,
                    f"the parameters of {fit.law} are {', '.join(law.parameter_names)}",
                )
    for name, value in fit.fixed.items():
        if isinstance(value, str):
            yield from _arithmetic_problems(value, set(), f"fixed.{name}", wrong)
    for name in fit.confirmation:
        if name not in fit.fixed:
            yield wrong(
                f"{name!r} is not a printed constant",
                "confirmation",
                suggest(name, fit.fixed, "name a parameter of `fixed`"),
            )


def _chain_problems(
    card: StudyCard, fit_id: str, fit: FitEntry, wrong: Wrong
) -> Iterator[CardError]:
    for name, chain in fit.chain.items():
        key = f"chain.{name}.fit"
        if chain.fit not in card.fits:
            yield wrong(f"unknown fit {chain.fit!r}", key, "name a fit of this card")
        elif chain.axis not in get_law(card.fits[chain.fit].law).axis_names:
            yield wrong(
                f"unknown axis {chain.axis!r}",
                f"chain.{name}.axis",
                "name an axis of that fit's law",
            )
        elif fit_id in _chained_to(card, chain.fit):
            yield wrong(
                f"the fit {chain.fit} is itself chained to {fit_id}",
                key,
                "name a fit that does not lead back here",
            )
        elif fit.is_resampled and not card.fits[chain.fit].is_resampled:
            yield wrong(
                f"the fit {chain.fit} has no resamples to pair this fit's own with",
                key,
                "name a resampled fit, or say `resample: {kind: none, reason: …}` here",
            )


def _chained_to(card: StudyCard, fit_id: str) -> set[str]:
    """A fit and all those that it is chained to, directly or not."""
    return _reached(card, fit_id, lambda fit: {chain.fit for chain in fit.chain.values()})


def _reached(card: StudyCard, fit_id: str, named: Callable[[FitEntry], set[str]]) -> set[str]:
    """A fit and all those that it leads to through the fits that each of them names."""
    reached: set[str] = set()
    waiting = {fit_id}
    while waiting:
        name = waiting.pop()
        if name in card.fits:
            reached.add(name)
            waiting |= named(card.fits[name]) - reached
    return reached


def _quantity_problems(
    card: StudyCard, fit_id: str, fit: FitEntry, wrong: Wrong
) -> Iterator[CardError]:
    known = quantity_names(fit)
    has = f"the fit has {', '.join(sorted(known))}"
    for name, quantity in fit.quantities.items():
        place = f"quantities.{name}"
        if quantity.expression is not None:
            yield from _arithmetic_problems(
                quantity.expression, known, f"{place}.expression", wrong
            )
        if quantity.of is not None and quantity.of not in known | ALLOCATION:
            yield wrong(
                f"unknown quantity {quantity.of!r}",
                f"{place}.of",
                suggest(quantity.of, known, has),
            )
        if quantity.covariance_of is not None:
            key = f"{place}.covariance_of"
            yield from _lender_problems(card, fit_id, quantity.covariance_of, key, wrong)
        if quantity.growth is not None and fit.law != "power":
            yield wrong("only the law `power` has a growth factor", f"{place}.growth", "remove it")
        if quantity.chain is not None and quantity.chain not in fit.chain:
            yield wrong(
                f"unknown chain {quantity.chain!r}", f"{place}.chain", "name a chain of this fit"
            )
    for name in fit.headline or ():
        if name not in known:
            yield wrong(f"unknown quantity {name!r}", "headline", suggest(name, known, has))


def _lender_problems(
    card: StudyCard, fit_id: str, lender: str, key: str, wrong: Wrong
) -> Iterator[CardError]:
    """What is wrong with the fit that lends its covariance."""
    if lender not in card.fits:
        fix = suggest(lender, card.fits, "name a fit of this card")
        yield wrong(f"unknown fit {lender!r}", key, fix)
    elif not card.fits[lender].is_resampled:
        problem = f"the fit {lender} has no resamples, so no covariance"
        yield wrong(problem, key, "name a resampled fit")
    elif lender == fit_id:
        fix = "remove the key: without it a fit's own covariance is taken"
        yield wrong("the fit names itself", key, fix)
    elif fit_id in _reached(card, lender, resamples_needed):
        yield wrong(
            f"the fit {lender} itself needs the resamples of {fit_id}",
            key,
            "name a fit that does not lead back here, or remove the key",
        )


def _target_problems(
    card: StudyCard, fit_id: str, fit: FitEntry, wrong: Wrong
) -> Iterator[CardError]:
    for number, target in enumerate(fit.targets):
        judged = target.compare_with or fit_id
        if judged not in card.fits:
            yield wrong(
                f"unknown fit {judged!r}",
                f"targets.{number}.compare_with",
                "name a fit of this card",
            )
            continue
        names = quantity_names(card.fits[judged])
        if target.is_joint and fit.is_fitted:
            yield wrong(
                "all constants are tested where they are published, and this fit searches its own",
                f"targets.{number}.quantity",
                "move it to the fit that evaluates the published constants",
            )
        if target.name_here not in names and not (target.is_joint and target.ours is None):
            yield wrong(
                f"the fit {judged} has no quantity {target.name_here!r}",
                f"targets.{number}.{'ours' if target.ours else 'quantity'}",
                suggest(target.name_here, names, f"it has {', '.join(sorted(names))}"),
            )


def _arithmetic_problems(text: str, known: set[str], key: str, wrong: Wrong) -> Iterator[CardError]:
    """Text that is not arithmetic of known names."""
    try:
        names = names_in(text)
    except CardError as error:
        yield wrong(error.problem, key, error.fix or "")
        return
    if not names and not np.all(np.abs(evaluate(text, {})) <= LARGEST):
        yield wrong(
            f"{text!r} is not a finite number up to {LARGEST:g}",
            key,
            "write a number, or arithmetic of some",
        )
    for name in sorted(names - known):
        yield wrong(
            f"unknown quantity {name!r}",
            key,
            suggest(name, known, "use parameters and quantities of this fit"),
        )
