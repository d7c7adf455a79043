"""Minimise the objective over all free parameters: the usual way."""

from __future__ import annotations

import numpy as np

from scaling_studies.engine.request import Request
from scaling_studies.engine.result import Fit, fit_at_optimum
from scaling_studies.engine.search.local import find_local
from scaling_studies.engine.search.optimum import find_optimum
from scaling_studies.engine.search.rounds import ENOUGH_SHARE
from scaling_studies.errors import FitError

OPTIONS = {
    "method": None,
    "count": None,
    "confirm": True,
    "enough": ENOUGH_SHARE,
    "space": "working",
    "gradient": "analytic",
}


def estimate(request: Request) -> Fit:
    """Global search, or a local one from the starts of the request and only from them.

    Options: ``count``, starts to polish; ``confirm``, whether a second optimiser is asked;
    ``enough``, the share of the starts that must end at the optimum before a search is over;
    with starts also ``method`` (of SciPy), ``space`` and ``gradient``, see `find_local`.

    Raises
    ------
    FitError
        Nothing is free, or a method without starts.
    """
    options = request.take_options(OPTIONS, starts=True)
    problem = request.problem()
    if not problem.coordinates.free:
        raise FitError(
            f"every parameter of law {problem.law.name} is fixed",
            fix="use estimator='evaluate' to evaluate given parameters",
        )
    begin = None
    if request.starts is not None:
        complete = [{**start, **request.fixed} for start in request.starts]
        begin = np.array([problem.law.to_working(start) for start in complete])
    if options["method"] is None:
        how = {name: options[name] for name in ("count", "confirm", "enough")}
        optimum = find_optimum(problem, begin, **how)
    elif begin is None:
        raise FitError("method= needs starts=", fix="give the published starts")
    else:
        optimum = find_local(
            problem,
            begin,
            options["method"],
            space=options["space"],
            gradient=options["gradient"],
        )
    return fit_at_optimum(problem, optimum, "parametric", local=begin is not None)
