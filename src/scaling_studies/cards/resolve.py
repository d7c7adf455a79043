"""What a job needs of a fit that stands elsewhere in its card."""

from scaling_studies.cards.expressions import evaluate
from scaling_studies.cards.models.fit import FitEntry, ResolvedChain, ResolvedFit
from scaling_studies.cards.models.study import StudyCard
from scaling_studies.engine.statistics import STATISTICS
from scaling_studies.laws import get_law

#: Quantities that need a training compute (`at_flops`).
ALLOCATION = frozenset({"params_opt", "tokens_opt", "tokens_per_parameter", "loss_opt"})
#: Keys of a fit that no number depends on, and published numbers: no reason to fit again.
NOT_FITTED = frozenset({"targets", "reading", "label", "not_compared", "conventions", "step"})


def resolve_fit(card: StudyCard, fit_id: str) -> ResolvedFit:
    """A fit with everything a job needs that stands elsewhere in the card.

    Returns
    -------
    ResolvedFit
        The entry without its targets; each chain also holds the `law` and the `response` of the
        fit it names. Arithmetic in `fixed` is done.
    """
    fit = card.fits[fit_id]
    given = {name: getattr(fit, name) for name in fit.model_fields_set if name not in NOT_FITTED}
    if fit.fixed:
        given["fixed"] = {
            name: float(evaluate(value, {})[0]) if isinstance(value, str) else value
            for name, value in fit.fixed.items()
        }
    if fit.chain:
        given["chain"] = {
            name: ResolvedChain.model_construct(
                fit=chain.fit,
                axis=chain.axis,
                law=card.fits[chain.fit].law,
                response=card.fits[chain.fit].response,
            )
            for name, chain in fit.chain.items()
        }
    return ResolvedFit.model_construct(**given)


def source_study(study: str, fit: FitEntry) -> str:
    """Study whose run table a fit reads."""
    return fit.source_study or study


def resamples_needed(fit: FitEntry) -> set[str]:
    """Fits whose resamples a fit's own are combined with: chained and covariance-lending ones."""
    lenders = {quantity.covariance_of for quantity in fit.quantities.values()}
    return {chain.fit for chain in fit.chain.values()} | {name for name in lenders if name}


def has_allocation(fit: FitEntry) -> bool:
    """Whether a fit's law divides training compute between size and data, as 6ND."""
    return fit.allocation and set(get_law(fit.law).axis_names) == {"params", "tokens"}


def quantity_names(fit: FitEntry) -> set[str]:
    """Names of all that a fit reports: parameters, derived quantities, statistics, its own."""
    law = get_law(fit.law)
    return {*law.parameter_names, *law.derived, *STATISTICS, *fit.quantities}
