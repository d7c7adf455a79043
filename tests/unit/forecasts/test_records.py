"""The record of the law of each fit on larger runs."""

from __future__ import annotations

import numpy as np
import pandas as pd

from scaling_studies.forecasts.contenders import LARGEST_AGAIN
from scaling_studies.forecasts.records import records


def forecasts() -> pd.DataFrame:
    """Six runs predicted from smaller ones, the last two at a distance of 20 and missed."""
    horizon = np.array([2.0, 2.5, 5.0, 6.0, 20.0, 20.0])
    rows = pd.DataFrame(
        {
            "study": "s",
            "fit": "main",
            "law": "additive",
            "by": "flops",
            "run_id": [f"r{place}" for place in range(6)],
            "row_key": [f"r{place}" for place in range(6)],
            "fitted_rows": 20,
            "cutoff": 1e20,
            "horizon": horizon,
            "observed": 3.0,
            "predicted": 3.0,
            "log_error": [0.001, 0.002, 0.001, 0.02, 0.1, 0.1],
            "law_error": 0.001,
            "noise": 0.001,
            "run_half": 0.01,
            "usable": True,
        }
    )
    again = rows.assign(law=LARGEST_AGAIN, run_half=np.nan)
    return pd.concat([rows, again, rows.assign(law="kaplan", log_error=0.5)], ignore_index=True)


def test_a_record_is_that_of_the_own_law_by_distance():
    found = records(forecasts(), {"main": "additive", "other": "additive"})
    assert found == {"main": [(3.0, 2, 2), (10.0, 2, 1), (100.0, 2, 0)]}


def test_a_run_that_was_predicted_twice_counts_once_in_a_bin():
    again = pd.concat([forecasts(), forecasts().assign(cutoff=9e19)], ignore_index=True)
    assert records(again, {"main": "additive"})["main"][0] == (3.0, 2, 2)


def test_what_is_no_forecast_counts_nowhere():
    unusable = forecasts().assign(usable=False)
    assert records(unusable, {"main": "additive"}) == {}
    assert records(forecasts().iloc[:0], {"main": "additive"}) == {}
