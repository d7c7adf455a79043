"""Check calibration: whether intervals hold the truth in simulated tables."""

from __future__ import annotations

from dataclasses import replace

import pytest
from made_studies import made_fit, made_study, said

from scaling_studies.checks.kinds.calibration import find


def rows(**held: float) -> list[dict]:
    return [{"fit": "a", "quantity": k, "tables": 300, "held": v} for k, v in held.items()]


def context(**held: float):
    return replace(made_study(a=made_fit()), coverage=rows(**held))


def test_without_a_record_nothing_is_said():
    assert said(find, made_study(a=made_fit())) == []
    other = [{"fit": "b", "quantity": "alpha", "tables": 300, "held": 0.5}]
    assert said(find, replace(made_study(a=made_fit()), coverage=other)) == []


@pytest.mark.parametrize(("held", "severity"), [(0.92, "info"), (0.8999, "fail")])
def test_an_interval_that_holds_too_seldom_fails(held, severity):
    ((found, fit, text, quantity, value),) = said(find, context(alpha=held))
    assert found == severity and value == held
    if severity == "fail":
        assert (fit, quantity) == ("a", "alpha")
        assert text.startswith("In 300 simulated tables of this design the 95 % interval of α")
        assert "less than" not in text


def test_the_worst_is_named_and_the_others_are_counted():
    fails, good = said(find, context(alpha=0.8, beta=0.7, E=0.94, A=0.96))
    assert "interval of β held" in fails[2] and "those of 1 more in less than" in fails[2]
    assert "2 quantities of 1 fit held 95 % in the mean, 94" in good[2]


def test_an_interval_that_is_somewhat_narrow_is_told_with_its_level():
    told, good = said(find, context(alpha=0.9, E=0.9199, beta=0.95))
    assert told == (
        "warning",
        "a",
        "In 300 simulated tables of this design the 95 % intervals of α and E held the truth "
        "in 90 to 92 %: take them as intervals of that level.",
        "alpha",
        0.9,
    )
    assert good[0] == "info"


@pytest.mark.parametrize("held", [0.85, 0.91])
def test_few_groups_explain_a_narrow_interval(held):
    known = {"kind": "cluster", "groups": "budget", "group_count": 37}
    study = replace(made_study(a=made_fit(uncertainty=known)), coverage=rows(alpha=held))
    assert "37 groups of unequal weight" in said(find, study)[0][2]
    assert "groups" not in said(find, context(alpha=held))[0][2]


def test_few_degrees_of_freedom_explain_a_narrow_interval():
    known = {"kind": "parametric", "freedom": 1}
    study = replace(made_study(a=made_fit(uncertainty=known)), coverage=rows(alpha=0.91))
    assert "1 degree of freedom is left" in said(find, study)[0][2]
    many = replace(
        made_study(a=made_fit(uncertainty=known | {"freedom": 6})), coverage=rows(a=0.91)
    )
    assert "freedom" not in said(find, many)[0][2]
