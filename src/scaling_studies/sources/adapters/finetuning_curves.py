"""Test losses of models by the size of the fine-tuning data, one column a size.

Written for Lin et al. 2024, ``benchmark/*.csv``, each named after its data set, and
``results/rmsd.csv``, how far the published search leaves the law from each curve.
"""

from __future__ import annotations

from pathlib import Path, PurePosixPath

import numpy as np
import pandas as pd
from scipy.optimize import least_squares

from scaling_studies.sources import checked
from scaling_studies.sources.checked import COUNT, POSITIVE, TEXT

_COLUMNS = {
    "model": ("config name", TEXT),
    "family": ("family", TEXT),
    "params_total": ("size", COUNT),
}
#: File of the published errors.
_ERRORS = "rmsd"
#: Exponents from which the search starts; all reach the same optimum of each published curve.
_STARTS = (0.2, 0.6, 1.2)
#: Decimals of a lowest error: the same on every machine.
_DECIMALS = 9


def extract(paths: dict[str, Path]) -> dict[str, pd.DataFrame]:
    """Return one row a data set, model and size of the data, in the order of the files.

    Returns
    -------
    dict of str to pandas.DataFrame
        ``losses``; without fine-tuning ``examples`` is zero. ``errors`` with the published errors:
        root mean squares of log residuals, beside the lowest that the law has on the same curve.
    """
    parts, errors = [], {}
    for name, path in sorted(paths.items()):
        if PurePosixPath(name).stem == _ERRORS:
            errors[name] = path
            continue
        raw = checked.read_text(path, table=name)
        models = checked.take(raw, _COLUMNS, table=name)
        sizes = {
            f"loss_{column}": (column, POSITIVE) for column in map(str, raw) if column.isdigit()
        }
        losses = checked.take(raw, sizes, table=name).rename(
            columns=lambda column: int(column.removeprefix("loss_"))
        )
        wide = models.assign(dataset=PurePosixPath(name).stem, order=range(len(models)))
        long = wide.join(losses).melt([*wide.columns], var_name="examples", value_name="loss")
        parts.append(long.sort_values(["order", "examples"], kind="stable"))
    frame = pd.concat(parts, ignore_index=True)
    frame["examples"] = frame["examples"].astype("int64")
    tables = {"losses": frame[["dataset", *_COLUMNS, "examples", "loss"]]}
    for name, path in errors.items():
        tables["errors"] = _beside_lowest(path, name, tables["losses"])
    return tables


def _beside_lowest(path: Path, table: str, losses: pd.DataFrame) -> pd.DataFrame:
    """Published errors of curves, each beside the lowest one."""
    columns = {
        "dataset": ("dataset", TEXT),
        "model": ("model", TEXT),
        "published_error": ("our_rmsd_under_log", POSITIVE),
    }
    errors = checked.take(checked.read_text(path, table=table), columns, table=table)
    errors["dataset"] = errors["dataset"].str.lower()
    curves = dict(list(losses[losses["examples"] > 0].groupby(["dataset", "model"])))
    keys = list(zip(errors["dataset"], errors["model"], strict=True))
    for dataset, model in keys:
        if (dataset, model) not in curves:
            raise checked.refuse(f"has no losses of {model} on {dataset}", table=table)
    lowest = [_lowest_error(curves[key]["examples"], curves[key]["loss"]) for key in keys]
    return errors.assign(lowest_error=np.round(lowest, _DECIMALS))


def _lowest_error(examples: pd.Series, losses: pd.Series) -> float:
    """Lowest root mean square of log residuals of E + B / (D_l + D^beta) on one curve."""
    log_x, log_y = np.log(examples.to_numpy(float)), np.log(losses.to_numpy())

    def parts(p: np.ndarray) -> tuple[np.ndarray, np.ndarray, np.ndarray]:
        power = np.exp(p[3] * log_x)
        whole = np.exp(p[2]) + power
        return np.exp(p[0]) / whole, power / whole, np.exp(p[2]) / whole

    def slopes(p: np.ndarray) -> np.ndarray:
        above, share, rest = parts(p)
        of_loss = above / (p[1] + above)
        return np.stack(
            [of_loss, of_loss / above, -of_loss * rest, -of_loss * share * log_x], axis=1
        )

    costs = []
    for beta in _STARTS:
        half, floor = beta * log_x[len(log_x) // 3], 0.5 * np.exp(log_y.min())
        size = np.log((np.exp(log_y[0]) - floor) * (np.exp(half) + np.exp(beta * log_x[0])))
        fit = least_squares(
            lambda p: np.log(p[1] + parts(p)[0]) - log_y,
            [size, floor, half, beta],
            jac=slopes,
            bounds=([-40.0, 0.0, -30.0, 1e-3], [60.0, np.inf, 60.0, 5.0]),
            x_scale="jac",
            xtol=1e-13,
            ftol=1e-13,
            gtol=1e-13,
            max_nfev=500,
        )
        costs.append(fit.cost)
    return float(np.sqrt(2.0 * min(costs) / len(log_x)))
