"""What a schema cannot say of a card: names that must exist elsewhere in it or in a registry."""

from __future__ import annotations

from pathlib import Path
from typing import TYPE_CHECKING, Any

from scaling_studies import registry
from scaling_studies.cards.load import ALLOCATION, WITHOUT_ROWS, quantity_names
from scaling_studies.errors import CardError, ScalingStudiesError
from scaling_studies.fits.shards import is_resampled
from scaling_studies.words import suggest

if TYPE_CHECKING:
    from collections.abc import Callable, Iterator

    #: Makes the error of a fit from (problem, key below the fit, fix).
    Wrong = Callable[[str, str, str], CardError]


def meaning_problems(card: dict[str, Any], study: str) -> Iterator[CardError]:
    """Contradictions of a card that satisfies the schema.

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
    if card["study"] != study:
        yield CardError(
            f"the card calls itself {card['study']!r} but its file is {study}.yaml",
            study=study,
            key="study",
            fix="give both the same name",
        )
    for name, table in card["tables"].items():
        files = [table["file"], *(joined["file"] for joined in table.get("join", []))]
        if any(".." in Path(file).parts for file in files):
            yield CardError(
                "a file may not lie outside its folder",
                study=study,
                table=name,
                key="file",
                fix="remove `..` from the path",
            )
    if len({bool(table.get("retrieved")) for table in card["tables"].values()}) > 1:
        yield CardError(
            "some tables are retrieved and some carried",
            study=study,
            key="tables",
            fix="make them all retrieved, or split the study",
        )
    # Laws first: everything else of a fit asks its law.
    unknown = {
        fit_id for fit_id, fit in card["fits"].items() if fit["law"] not in registry.names("laws")
    }
    for fit_id in sorted(unknown):
        law = card["fits"][fit_id]["law"]
        problem, fix = registry.unknown("laws", law)
        yield CardError(problem, study=study, key=f"fits.{fit_id}.law", fix=fix)
    if not unknown:
        for fit_id, fit in card["fits"].items():
            yield from _fit_problems(card, study, fit_id, fit)
        yield from _forecast_problems(card, study)
    for name, figure in card.get("figures", {}).items():
        if figure["kind"] not in registry.names("figures"):
            problem, fix = registry.unknown("figures", figure["kind"])
            yield CardError(problem, study=study, key=f"figures.{name}.kind", fix=fix)
        for fit_id in figure.get("fits", []):
            if fit_id not in card["fits"]:
                yield CardError(
                    f"unknown fit {fit_id!r}",
                    study=study,
                    key=f"figures.{name}.fits",
                    fix=suggest(fit_id, card["fits"], "name a fit of this card"),
                )


def _forecast_problems(card: dict[str, Any], study: str) -> Iterator[CardError]:
    """Fits that `ranking` and `plan` name."""
    from scaling_studies.laws import get_law

    for part in ("ranking", "plan"):
        for fit_id in card.get(part, {}).get("fits", []):
            key = f"{part}.fits"
            if fit_id not in card["fits"]:
                fix = suggest(fit_id, card["fits"], "name a fit of this card")
                yield CardError(f"unknown fit {fit_id!r}", study=study, key=key, fix=fix)
                continue
            fit = card["fits"][fit_id]
            axes = set(get_law(fit["law"]).axis_names)
            if fit.get("estimator", "parametric") != "parametric" or {"reduce", "chain"} & set(fit):
                yield CardError(
                    f"{fit_id} is not a plain fit of rows",
                    study=study,
                    key=key,
                    fix="name fits without `estimator`, `reduce` and `chain`",
                )
            elif part == "plan" and axes != {"params", "tokens"}:
                yield CardError(
                    f"the law {fit['law']} has no allocation between size and data",
                    study=study,
                    key=key,
                    fix="name fits of laws with the axes params and tokens",
                )


def _fit_problems(
    card: dict[str, Any], study: str, fit_id: str, fit: dict[str, Any]
) -> Iterator[CardError]:
    """What contradicts itself in one fit, or names what does not exist."""
    from scaling_studies.laws import get_law

    def wrong(problem: str, key: str, fix: str) -> CardError:
        return CardError(problem, study=study, key=f"fits.{fit_id}.{key}", fix=fix)

    law = get_law(fit["law"])
    with_rows = fit.get("estimator", "parametric") not in WITHOUT_ROWS
    if with_rows and "source_study" not in fit and not card["tables"]:
        yield wrong(
            "there is no run table to fit", "table", "declare a table, or use `estimator: printed`"
        )
    if with_rows:
        for key in ("response", "axes"):
            if key not in fit:
                yield wrong(
                    f"key {key!r} is missing", key, f"say which columns are the {key} of the law"
                )
    if with_rows and "axes" in fit:
        missing = [axis for axis in law.axis_names if axis not in fit["axes"]]
        unknown = [axis for axis in fit["axes"] if axis not in law.axis_names]
        for name in missing + unknown:
            yield wrong(
                f"axis {name!r} is {'missing' if name in missing else 'unknown'}",
                "axes",
                f"the axes of {fit['law']} are {', '.join(law.axis_names)}",
            )
    table = fit.get("table")
    if table is not None and "source_study" not in fit and table not in card["tables"]:
        yield wrong(
            f"unknown table {table!r}",
            "table",
            suggest(table, card["tables"], "name a table of this card"),
        )
    yield from _method_problems(fit, wrong)
    yield from _parameter_problems(law, fit, wrong)
    yield from _chain_problems(card, fit_id, fit, wrong)
    yield from _quantity_problems(card, fit_id, fit, wrong)
    yield from _target_problems(card, fit_id, fit, wrong)


def _method_problems(fit: dict[str, Any], wrong: Wrong) -> Iterator[CardError]:
    from scaling_studies.engine.objectives import get_objective

    objective = fit.get("objective", {})
    if "name" in objective:
        try:
            get_objective(objective["name"], objective.get("delta", 1e-3))
        except ScalingStudiesError as error:
            yield wrong(error.problem, "objective", error.fix or "")
    estimator = fit.get("estimator", "parametric")
    if estimator != "parametric" and estimator not in WITHOUT_ROWS:
        if estimator not in registry.names("estimators"):
            problem, fix = registry.unknown("estimators", estimator)
            yield wrong(problem, "estimator", fix)


def _parameter_problems(law: Any, fit: dict[str, Any], wrong: Wrong) -> Iterator[CardError]:
    names = law.parameter_names
    fix = f"the parameters of {fit['law']} are {', '.join(names)}"
    starts = fit.get("starts", {})
    given = {
        "fixed": list(fit.get("fixed", {})),
        "bounds": list(fit.get("bounds", {})),
        "shared": [name for pair in fit.get("shared", {}).items() for name in pair],
        "starts": list(starts)
        if isinstance(starts, dict)
        else sorted({name for start in starts for name in start}),
    }
    for key, found in given.items():
        for name in found:
            if name not in names:
                yield wrong(f"unknown parameter {name!r}", key, fix)
    for name, (low, high) in fit.get("bounds", {}).items():
        if not low < high:
            yield wrong(
                f"the lower bound {low:g} is not below the upper {high:g}",
                f"bounds.{name}",
                "write the lower one first",
            )
    for name, value in fit.get("fixed", {}).items():
        if isinstance(value, str):
            yield from _arithmetic_problems(value, set(), f"fixed.{name}", wrong)
    for name in fit.get("confirmation", {}):
        if name not in fit.get("fixed", {}):
            yield wrong(
                f"{name!r} is not a printed constant",
                "confirmation",
                suggest(name, fit.get("fixed", {}), "name a parameter of `fixed`"),
            )


def _chain_problems(
    card: dict[str, Any], fit_id: str, fit: dict[str, Any], wrong: Wrong
) -> Iterator[CardError]:
    from scaling_studies.laws import get_law

    for name, chain in fit.get("chain", {}).items():
        if chain["fit"] not in card["fits"]:
            yield wrong(
                f"unknown fit {chain['fit']!r}", f"chain.{name}.fit", "name a fit of this card"
            )
        elif chain["axis"] not in get_law(card["fits"][chain["fit"]]["law"]).axis_names:
            yield wrong(
                f"unknown axis {chain['axis']!r}",
                f"chain.{name}.axis",
                "name an axis of that fit's law",
            )
        elif fit_id in _chained_to(card, chain["fit"]):
            yield wrong(
                f"the fit {chain['fit']} is itself chained to {fit_id}",
                f"chain.{name}.fit",
                "name a fit that does not lead back here",
            )
        elif is_resampled(fit) and not is_resampled(card["fits"][chain["fit"]]):
            yield wrong(
                f"the fit {chain['fit']} has no resamples to pair this fit's own with",
                f"chain.{name}.fit",
                "name a resampled fit, or say `resample: {kind: none, reason: …}` here",
            )


def _chained_to(card: dict[str, Any], fit_id: str) -> set[str]:
    """A fit and all those that it is chained to, directly or not."""
    found: set[str] = set()
    waiting = [fit_id]
    while waiting:
        name = waiting.pop()
        if name not in found and name in card["fits"]:
            found.add(name)
            waiting += [chain["fit"] for chain in card["fits"][name].get("chain", {}).values()]
    return found


def _quantity_problems(
    card: dict[str, Any], fit_id: str, fit: dict[str, Any], wrong: Wrong
) -> Iterator[CardError]:
    known = quantity_names(fit)
    for name, quantity in fit.get("quantities", {}).items():
        if "expression" in quantity:
            yield from _arithmetic_problems(
                quantity["expression"], known, f"quantities.{name}.expression", wrong
            )
        if "of" in quantity and quantity["of"] not in known and quantity["of"] not in ALLOCATION:
            yield wrong(
                f"unknown quantity {quantity['of']!r}",
                f"quantities.{name}.of",
                suggest(quantity["of"], known, f"the fit has {', '.join(sorted(known))}"),
            )
        lender = quantity.get("covariance_of", fit_id)
        if lender not in card["fits"]:
            yield wrong(
                f"unknown fit {lender!r}",
                f"quantities.{name}.covariance_of",
                suggest(lender, card["fits"], "name a fit of this card"),
            )
        elif "covariance_of" in quantity and not is_resampled(card["fits"][lender]):
            yield wrong(
                f"the fit {lender} has no resamples, so no covariance",
                f"quantities.{name}.covariance_of",
                "name a resampled fit",
            )
        if "growth" in quantity and fit["law"] != "power":
            yield wrong(
                "only the law `power` has a growth factor", f"quantities.{name}.growth", "remove it"
            )
        if "chain" in quantity and quantity["chain"] not in fit.get("chain", {}):
            yield wrong(
                f"unknown chain {quantity['chain']!r}",
                f"quantities.{name}.chain",
                "name a chain of this fit",
            )
    for name in fit.get("headline", []):
        if name not in known:
            yield wrong(
                f"unknown quantity {name!r}",
                "headline",
                suggest(name, known, f"the fit has {', '.join(sorted(known))}"),
            )


def _target_problems(
    card: dict[str, Any], fit_id: str, fit: dict[str, Any], wrong: Wrong
) -> Iterator[CardError]:
    for number, target in enumerate(fit.get("targets", [])):
        judged = target.get("compare_with", fit_id)
        if judged not in card["fits"]:
            yield wrong(
                f"unknown fit {judged!r}",
                f"targets.{number}.compare_with",
                "name a fit of this card",
            )
            continue
        names = quantity_names(card["fits"][judged])
        key = "ours" if "ours" in target else "quantity"
        if target[key] not in names:
            yield wrong(
                f"the fit {judged} has no quantity {target[key]!r}",
                f"targets.{number}.{key}",
                suggest(target[key], names, f"it has {', '.join(sorted(names))}"),
            )


def _arithmetic_problems(text: str, known: set[str], key: str, wrong: Wrong) -> Iterator[CardError]:
    """Text that is not arithmetic of known names."""
    from scaling_studies.cards.expressions import names_in

    try:
        names = names_in(text)
    except CardError as error:
        yield wrong(error.problem, key, error.fix or "")
        return
    for name in sorted(names - known):
        yield wrong(
            f"unknown quantity {name!r}",
            key,
            suggest(name, known, "use parameters and quantities of this fit"),
        )
