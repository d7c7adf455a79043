"""Linear parameters for given non-linear ones."""

from __future__ import annotations

import numpy as np
import pytest

from scaling_studies.models.projection import project_linear


@pytest.mark.filterwarnings("error")
@pytest.mark.parametrize("power", [-250, -150, 0, 150, 250])
def test_size_of_a_column_does_not_matter(power):
    x = np.arange(1.0, 5.0)
    column = 10.0**power * x
    solved, residual = project_linear(column[None, None], 3.0 * x, np.ones(4), np.zeros(1, bool))
    assert solved[0, 0] == pytest.approx(3.0 * 10.0**-power, rel=1e-9)
    assert residual[0] == pytest.approx(0.0, abs=1e-9)


@pytest.mark.filterwarnings("error")
def test_a_column_that_is_not_finite_is_left_out():
    basis = np.array([[[np.inf, 1.0], [1.0, 2.0]]])
    solved, _ = project_linear(basis, np.array([2.0, 4.0]), np.ones(2), np.zeros(2, bool))
    assert solved[0].tolist() == pytest.approx([0.0, 2.0])
