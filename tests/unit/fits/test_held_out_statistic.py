"""Statistics of held-out predictions, over all rows and as a mean over groups."""

import numpy as np
import pytest

from scaling_studies.fits.held_out import held_out_statistic

OBSERVED = np.array([1.0, 2.0, 3.0, 10.0, 14.0])
PREDICTED = np.array([[1.0, 2.0, 4.0, 10.0, 12.0], [1.5, 2.0, 3.0, 10.0, 14.0]])
GROUPS = np.array(["a", "a", "a", "b", "b"], dtype=object)


def test_the_mean_over_groups_does_not_weigh_them_by_their_rows():
    found = held_out_statistic("mean_absolute_error", OBSERVED, PREDICTED, GROUPS)
    assert found == pytest.approx([(1 / 3 + 1.0) / 2, (0.5 / 3) / 2])


def test_each_group_has_its_own_mean_in_r_squared():
    found = held_out_statistic("r_squared", OBSERVED, PREDICTED, GROUPS)
    assert found == pytest.approx([((1 - 1 / 2) + (1 - 4 / 8)) / 2, ((1 - 0.25 / 2) + 1.0) / 2])
    pooled = held_out_statistic("r_squared", OBSERVED, PREDICTED)
    assert pooled == pytest.approx(
        [1 - 5 / ((OBSERVED - 6) ** 2).sum(), 1 - 0.25 / ((OBSERVED - 6) ** 2).sum()]
    )


def test_one_group_is_the_whole():
    whole = held_out_statistic("rmsle", OBSERVED, PREDICTED)
    one = held_out_statistic("rmsle", OBSERVED, PREDICTED, np.full(5, "a"))
    np.testing.assert_array_equal(one, whole)


def test_the_root_mean_square_error_is_that_of_the_values_themselves():
    found = held_out_statistic("rms_error", OBSERVED, PREDICTED)
    assert found == pytest.approx([1.0, np.sqrt(0.05)])
