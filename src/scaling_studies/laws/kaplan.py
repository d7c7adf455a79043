"""Joint law of size and data of Kaplan et al. 2020."""

from __future__ import annotations

import numpy as np

from scaling_studies.models.autodiff import exp, logaddexp
from scaling_studies.models.formula import FormulaModel
from scaling_studies.models.law import Axis, Law, Parameter
from scaling_studies.models.projection import project_linear

PARAMETERS = (
    Parameter("alpha_N", "exponent of size", lower=1e-4, upper=5.0),
    Parameter("alpha_D", "exponent of data", lower=1e-4, upper=5.0),
    Parameter("N_c", "critical size", lower=0.0, transform="log"),
    Parameter("D_c", "critical data", lower=0.0, transform="log"),
)


def _formula(p, x):
    size = (p.log_N_c - x["log_params"]) * (p.alpha_N / p.alpha_D)
    return exp(p.alpha_D * logaddexp(size, p.log_D_c - x["log_tokens"]))


def _propose(axes, response, given):
    """Solve ``L^(1 / alpha_D) = u N^-(alpha_N / alpha_D) + D_c / D``, linear in u and D_c."""
    exponents = np.geomspace(0.02, 0.8, 16)
    alpha_n, alpha_d = (grid.ravel() for grid in np.meshgrid(exponents, exponents))
    log_params, log_tokens = np.log(axes["params"]), np.log(axes["tokens"])
    mean_params, mean_tokens = log_params.mean(), log_tokens.mean()
    log_response = np.log(response)
    ratio = alpha_n / alpha_d
    basis = np.stack(
        [
            np.exp(-ratio[:, None] * (log_params - mean_params)),
            np.broadcast_to(np.exp(mean_tokens - log_tokens), (len(ratio), len(log_tokens))),
        ],
        axis=1,
    )
    # Relative residuals: both sides over the target, which then is one.
    basis *= np.exp((log_response.mean() - log_response) / alpha_d[:, None])[:, None, :]
    one = np.ones_like(log_response)
    solved, _ = project_linear(basis, one, one, np.zeros(2, bool))
    shift = log_response.mean() / alpha_d
    size, data = (np.log(np.maximum(solved, 1e-3)) + shift[:, None]).T
    return np.stack([alpha_n, alpha_d, size / ratio + mean_params, data + mean_tokens], axis=1)


LAW = Law(
    name="kaplan",
    title="Joint law of size and data",
    formula="L = [(N_c / N)^(alpha_N / alpha_D) + D_c / D]^alpha_D",
    citation="Kaplan et al. 2020, arXiv 2001.08361, equation 1.5",
    axes=(
        Axis("params", "parameters", "model size N, non-embedding in the source"),
        Axis("tokens", "tokens", "data D"),
    ),
    response="loss",
    response_meaning="loss, nats per token",
    parameters=PARAMETERS,
    model=FormulaModel(PARAMETERS, _formula),
    derived={
        "log_N_c": lambda p: np.log(p["N_c"]),
        "log_D_c": lambda p: np.log(p["D_c"]),
    },
    propose=_propose,
)
