"""Are the printed digits enough? What rounding can do to the predictions, and what it did.

Source: Besiroglu et al. 2024, arXiv 2404.10102: the constants printed for Approach 3, taken as
printed, miss the points that they were fitted to.
"""

from __future__ import annotations

import math
from functools import partial
from typing import TYPE_CHECKING

from scaling_studies.checks.context import CheckContext, Finding
from scaling_studies.checks.rounding import largest_shift
from scaling_studies.checks.words import fits, percent
from scaling_studies.words import number

if TYPE_CHECKING:
    from collections.abc import Iterator

MEANING = (
    "Are the printed digits enough: could rounding the parameters shift the predictions by more "
    "than the rows scatter, and are they shifted?"
)
NOTHING = "no published parameters are evaluated on five or more independent rows"

#: Standard errors of the mean beyond which predictions are biased; three, as many are checked.
BIASED = 3.0
#: Independent rows from which the scatter of a mean is known at all.
FEWEST_ROWS = 5

_finding = partial(Finding, "rounded_parameters")


def find(context: CheckContext) -> Iterator[Finding]:
    """Findings on published parameters that are evaluated on rows."""
    enough = []
    for fit in context.evaluated:
        groups, errors = context.groups(fit), context.log_errors(fit)
        if groups < FEWEST_ROWS or len(errors) < FEWEST_ROWS:
            continue
        mean = float(errors.mean())
        standard_error = float(errors.std(ddof=1)) / math.sqrt(groups)
        shift = largest_shift(context, fit)
        if shift <= standard_error:
            enough.append(shift)
            continue
        way = "high" if mean > 0 else "low"
        could = f"Rounding to the printed digits can shift predictions by {percent(shift, 2)}"
        off = f"{percent(abs(mean), 2)} too {way} in the mean of {len(errors)} rows"
        times = number(abs(mean) / standard_error, 2)
        biased = abs(mean) > BIASED * standard_error
        explained = "which rounding can explain" if abs(mean) <= shift else "more than that"
        yield _finding(
            fit,
            "warning" if biased else "info",
            f"{could}. They are {off}, {times} standard errors, {explained}."
            if biased
            else f"{could}, but they are not biased: {off}, {times} standard errors.",
            "mean_log_error",
            mean,
        )
    if enough:
        yield _finding(
            None,
            "info",
            f"The digits of the parameters are enough in {fits(len(enough))}: rounding cannot "
            "shift the mean of the predictions by more than its standard error.",
            "largest_shift",
            max(enough),
        )
