"""Linear regressions of losses on the shares of mixtures."""

from __future__ import annotations

import numpy as np
import pytest
from upstream_files import refused, write

from scaling_studies import registry

OPTIONS = {"target": "cc", "fitted": "1m", "sizes": ["1m", "1B"]}
WEIGHTS = np.array([1.0, -2.0, 0.5])


def files(rng, count=40, unseen=12):
    made = {}
    for name, size, number in (
        ("train", "1m", count),
        ("test", "1m", unseen),
        ("test", "1B", unseen),
    ):
        shares = rng.dirichlet(np.ones(3), number).round(4)
        losses = 4.0 + shares @ WEIGHTS
        head = "index,a,b,c\n"
        rows = (f"{i},{','.join(map(str, row))}\n" for i, row in enumerate(shares))
        made[f"data/{name}_mixture_{size}.csv"] = head + "".join(rows)
        # In another order: rows are joined by their number.
        lines = [f"{i},{loss}\n" for i, loss in enumerate(losses)][::-1]
        made[f"data/{name}_pile_loss_{size}.csv"] = "index,metric/cc_val_loss\n" + "".join(lines)
    return made


def test_losses_that_are_linear_in_the_shares_are_predicted_without_a_penalty(tmp_path):
    paths = write(tmp_path, files(np.random.default_rng(1)))
    made = registry.load("adapters", "mixture_regression")(paths, **OPTIONS)
    ranks = made["ranks"]
    exact = ranks[ranks["penalty"] == 0.0]
    assert exact["predicted"].to_numpy() == pytest.approx(exact["loss"].to_numpy(), abs=1e-8)
    assert exact["loss_rank"].tolist() == exact["predicted_rank"].tolist()
    spread = ranks.groupby(["size", "penalty"])["predicted"].std().unstack()
    assert (spread.diff(axis=1).iloc[:, 1:] < 0).all(axis=None)
    small = exact.loc[exact["size"] == "1m", "loss_rank"]
    assert made["transfer"]["small_rank"].tolist() == small.tolist()


def test_losses_of_other_mixtures_are_refused(tmp_path):
    given = files(np.random.default_rng(2))
    name = "data/test_pile_loss_1B.csv"
    given[name] = given[name].replace("\n11,", "\n99,")
    paths = write(tmp_path, given)
    refused("mixture_regression", paths, OPTIONS, "test_pile_loss_1B", "column index")
