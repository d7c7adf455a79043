"""Check interval_plausibility: whether an interval can be that narrow."""

from __future__ import annotations

import pytest
from made_studies import made_fit, made_study, rows, said, severities

from scaling_studies.checks.kinds.interval_plausibility import find
from scaling_studies.fits.uncertainty import Interval

A_OPT = "a (exponent of best size, N* ∝ Cᵃ)"
QUIET = {"converged_share": None}


# resamples that converge


@pytest.mark.parametrize(("share", "severity"), [(0.949, "warning"), (0.951, "info")])
def test_five_percent_may_fail_to_converge(share, severity):
    text = {
        "warning": "5.1 % of the resampled fits did not converge, more than the two tails that a "
        "95 % interval leaves out; its ends are uncertain.",
        "info": "At least 95.1 % of the resamples of 1 fit converged.",
    }
    fit = "a" if severity == "warning" else None
    assert said(find, made_study(a=made_fit(uncertainty={"converged_share": share}))) == [
        (severity, fit, text[severity], "converged_share", share)
    ]


def test_the_least_share_of_the_others_is_told():
    shares = {
        name: made_fit(uncertainty={"converged_share": share})
        for name, share in (("a", 0.99), ("b", 0.5), ("c", 0.97), ("d", None))
    }
    assert said(find, made_study(**shares))[1:] == [
        (
            "info",
            None,
            "At least 97 % of the resamples of 2 fits converged.",
            "converged_share",
            0.97,
        )
    ]
    assert said(find, made_study(a=made_fit()))[0][2] == "All resamples of 1 fit converged."
    nearly = made_fit(uncertainty={"converged_share": 0.99999})
    assert said(find, made_study(a=nearly))[0][2] == "Nearly all resamples of 1 fit converged."
    assert said(find, made_study(a=made_fit(estimator="evaluate"))) == []


# bootstrap and profile


def profiled(ratio: float, entry=None, kind="pairs", **profile):
    """Fit whose bootstrap interval is so many times as wide as its profile interval."""
    bounds = {"name": "E", "low": 1.0, "high": 3.0, "low_open": False, "high_open": False}
    return made_fit(
        entry=entry,
        intervals={"E": (1.0, 1.0 + 2.0 * ratio)},
        uncertainty={"kind": kind, **QUIET},
        profile=bounds | profile,
    )


@pytest.mark.parametrize(
    ("ratio", "severity"), [(1.99, "info"), (2.01, "warning"), (0.51, "info"), (0.49, "warning")]
)
def test_widths_may_differ_by_a_factor_of_two(ratio, severity):
    text = {
        "info": f"The bootstrap interval of E of 1 fit is {ratio if ratio < 1 else '2'} times as "
        "wide as that of the profile likelihood, which takes the scatter as equal in all rows.",
        "warning": f"The bootstrap interval of E is {ratio if ratio < 1 else '2'} times as wide as "
        "that of the profile likelihood. One of the two is not to be trusted.",
    }
    fit = "a" if severity == "warning" else None
    assert said(find, made_study(a=profiled(ratio))) == [
        (severity, fit, text[severity], "E", ratio)
    ]


def test_published_errors_of_the_responses_explain_a_narrow_interval():
    narrow = profiled(0.25, entry={"resample": {"response_interval": 0.95}})
    assert said(find, made_study(a=narrow))[0][2] == (
        "The bootstrap interval of E is 0.25 times as wide as that of the profile likelihood. It "
        "carries the published error of each response, not how far the law misses them."
    )


def test_whole_groups_explain_a_wide_interval():
    fits = {"a": profiled(2.5, kind="cluster"), "b": profiled(4.0, kind="cluster")}
    assert said(find, made_study(**fits)) == [
        (
            "info",
            None,
            "Drawn in whole groups, the rows of 2 fits give an interval of E 2.5 to 4 times as "
            "wide as the profile likelihood does, which takes them as independent.",
            "E",
            4.0,
        )
    ]
    assert severities(find, made_study(a=profiled(0.4, kind="cluster"))) == ["warning"]


def test_the_ratios_that_agree_are_told_together():
    found = said(find, made_study(a=profiled(1.24), b=profiled(0.81)))
    assert found[0][2].endswith("of E in 2 fits: ratio 0.81 to 1.2.") and found[0][4] == 1.24


@pytest.mark.parametrize("ratio", [1.26, 0.79, 1.6, 1.8])
@pytest.mark.parametrize("kind", ["pairs", "cluster"])
def test_widths_that_differ_by_more_than_a_quarter_do_not_agree(ratio, kind):
    (finding,) = said(find, made_study(a=profiled(ratio, kind=kind)))
    assert "agree" not in finding[2] and finding[4] == ratio


def test_of_widths_that_differ_the_most_different_is_the_value():
    assert said(find, made_study(a=profiled(1.5), b=profiled(0.55)))[0][4] == 0.55


@pytest.mark.parametrize(
    "change",
    [
        {"low_open": True},
        {"high_open": True},
        {"low": None},
        {"high": 1.0},
        {"high": 0.5},
        {"name": "unknown"},
    ],
)
def test_profiles_without_a_width_are_passed_by(change):
    assert said(find, made_study(a=profiled(5.0, **change))) == []


# printed intervals


def printed_interval(width: float, level: float = 0.8, name: str = "a_opt", more=None):
    """A printed interval next to a refit of the same quantity with a standard error of 0.1."""
    of = {name: [0.5, 0.5 + width]} | (more or {})
    return made_study(
        printed=made_fit(
            rows(0), {"printed_intervals": {"level": level, "of": of}}, estimator="printed"
        ),
        refit=made_fit(
            rows(60),
            intervals={"a_opt": (0.3, 0.7), "a": (0.3, 0.7), "b_opt": (0.3, 0.7)},
            uncertainty=QUIET,
            title="Refit",
        ),
    )


#: Width of an interval over its standard error, by level.
WIDE = {0.8: 2 * 1.2815515655446004, 0.95: 2 * 1.959963984540054}


@pytest.mark.parametrize("level", WIDE)
@pytest.mark.parametrize(("ratio", "severity"), [(10.001, "fail"), (9.999, "info")])
def test_an_interval_ten_times_as_narrow_as_ours_fails(level, ratio, severity):
    assert severities(find, printed_interval(WIDE[level] * 0.1 / ratio, level)) == [severity]


def test_how_many_points_an_interval_would_take_is_told():
    assert said(find, printed_interval(WIDE[0.8] * 0.001)) == [
        (
            "fail",
            "printed",
            f"The printed interval of {A_OPT} is at least 100 times as narrow as that of “Refit” "
            "from 60 points, whatever was rounded away. One so narrow would take 600,000 points "
            "like these or more.",
            "a_opt",
            100.0,
        )
    ]


@pytest.mark.parametrize(("ends", "ratio"), [([0.454, 0.455], 128.155), ([0.45, 0.455], 42.7184)])
def test_an_interval_is_taken_as_wide_as_its_rounding_allows(ends, ratio):
    context = printed_interval(0.0)
    context.card.fits["printed"].printed_intervals.of["a_opt"] = tuple(ends)
    assert said(find, context)[0][4] == ratio


def test_a_quantity_printed_twice_is_judged_once():
    narrow = [0.5, 0.5 + WIDE[0.8] * 0.05]
    twice = printed_interval(WIDE[0.8] * 0.05, name="a", more={"a_opt": narrow, "b_opt": narrow})
    assert said(find, twice) == [
        (
            "info",
            None,
            "1 printed uncertainty is plausible: the refit's is 2 times as wide.",
            None,
            2.0,
        )
    ]


def test_two_refits_of_a_quantity_leave_its_interval_unjudged():
    context = printed_interval(WIDE[0.8] * 0.001)
    context.fits["second"] = context.fits["refit"]
    context.card.fits["second"] = context.card.fits["refit"]
    context.intervals["second"] = context.intervals["refit"]
    assert said(find, context) == []


def target(error: float | None, name: str = "alpha", **changes) -> dict:
    known = {} if error is None else {"standard_error": error}
    return {"quantity": name, "value": 0.5, **known, **changes}


def with_targets(*targets: dict, refit: str = "a", uncertainty=None):
    known = {"alpha": (0.3, 0.7), "log_A": (0.0, 4.0)}
    fits = {
        "a": made_fit(entry={"targets": list(targets)}, uncertainty=QUIET),
        "b": made_fit(uncertainty=QUIET),
    }
    changes = QUIET | (uncertainty or {})
    fits[refit] = made_fit(entry=fits[refit].entry, intervals=known, uncertainty=changes)
    return made_study(**fits)


def test_printed_standard_errors_are_held_against_those_of_the_fit_that_judges():
    told = said(find, with_targets(target(0.00499999), target(0.0500001), target(None)))
    assert told == [
        (
            "fail",
            "a",
            "The printed interval of α is at least 20 times as narrow as that of “A fit” from "
            "8 points, whatever was rounded away. One so narrow would take 3,200 points like these "
            "or more.",
            "alpha",
            20.0,
        ),
        (
            "info",
            None,
            "1 printed uncertainty is plausible: the refit's is 2 times as wide.",
            None,
            1.99999,
        ),
    ]


def test_another_fit_or_another_name_may_be_asked_for():
    context = with_targets(
        target(0.0500001, compare_with="b"),
        target(0.250001, "A", ours="log_A", compare_with="b"),
        refit="b",
    )
    assert said(find, context) == [
        (
            "info",
            None,
            "2 printed uncertainties are plausible: the refit's are 2 to 4 times as wide.",
            None,
            3.99998,
        )
    ]


def test_a_standard_error_is_taken_as_large_as_its_rounding_allows():
    assert said(find, with_targets(target(0.01)))[0][4] == pytest.approx(0.1 / 0.015, rel=1e-5)
    assert said(find, with_targets(target("0.0100")))[0][4] == pytest.approx(
        0.1 / 0.01005, rel=1e-5
    )


def test_what_has_no_standard_error_is_passed_by():
    assert said(find, with_targets(target(0.1, "unknown"))) == []
    assert said(find, with_targets(target(0.05), uncertainty={"resamples": 0})) == []
    context = with_targets(target(0.05))
    context.intervals["a"].intervals["alpha"] = Interval(0.3, 0.7)
    assert said(find, context) == []


def test_resamples_with_an_optimum_elsewhere_are_told():
    fit = made_fit(uncertainty={"elsewhere_share": 0.29})
    severity, _, text, quantity, value = said(find, made_study(a=fit))[0]
    assert (severity, quantity, value) == ("info", "elsewhere_share", 0.29)
    assert text.startswith("29 % of the resampled fits have their optimum elsewhere")
