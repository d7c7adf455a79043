"""Are the printed digits enough? What rounding can do to the predictions, and what it did.

Source: Besiroglu et al. 2024, arXiv 2404.10102: the constants printed for Approach 3, taken as
printed, miss the points that they were fitted to.
"""

from __future__ import annotations

from collections.abc import Iterator

from scaling_studies.checks.context import CheckContext, Finding, info, warning
from scaling_studies.checks.rounding import largest_shift, scatter_of_mean
from scaling_studies.words import count_of, number, percent

MEANING = (
    "Are the printed digits enough: could rounding the parameters shift the predictions by more "
    "than the rows scatter, and are they shifted?"
)
NOTHING = "no published parameters are evaluated on five or more independent rows"

#: Standard errors of the mean beyond which predictions are biased; three, as many are checked.
BIASED = 3.0
#: Independent rows from which the scatter of a mean is known at all.
FEWEST_ROWS = 5


def find(context: CheckContext) -> Iterator[Finding]:
    """Findings on published parameters that are evaluated on rows."""
    enough = []
    for fit in context.evaluated:
        if min(context.groups(fit), len(context.log_errors(fit))) < FEWEST_ROWS:
            continue
        shift = largest_shift(context, fit)
        if shift <= scatter_of_mean(context, fit):
            enough.append(shift)
        else:
            yield _digits_matter(context, fit, shift)
    if enough:
        yield info(
            f"The digits of the parameters are enough in {count_of(len(enough), 'fit')}: rounding "
            "cannot shift the mean of the predictions by more than its standard error.",
            quantity="largest_shift",
            value=max(enough),
        )


def _digits_matter(context: CheckContext, fit: str, shift: float) -> Finding:
    """Predictions that rounding can have shifted by more than their mean scatters."""
    errors = context.log_errors(fit)
    mean = float(errors.mean())
    off = (
        f"{percent(abs(mean), 2)} too {'high' if mean > 0 else 'low'} in the mean of {len(errors)} "
        "rows"
    )
    scatter = scatter_of_mean(context, fit)
    times = f"{number(abs(mean) / scatter if scatter else None, 2)} standard errors"
    could = f"Rounding to the printed digits can shift predictions by {percent(shift, 2)}"
    if abs(mean) > BIASED * scatter:
        explained = "which rounding can explain" if abs(mean) <= shift else "more than that"
        severity, text = warning, f"{could}. They are {off}, {times}, {explained}."
    else:
        severity, text = info, f"{could}, but they are not biased: {off}, {times}."
    return severity(text, fit, "mean_log_error", mean)
