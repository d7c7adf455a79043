"""Check duplicate_points: measurements that are counted twice."""

from __future__ import annotations

import numpy as np
from made_studies import made_fit, made_study, rows, said

from scaling_studies.checks.kinds.duplicate_points import find

LOSSES = [2.0, 2.1, 2.2, 2.2]


def test_rows_that_repeat_another_are_counted():
    twice = made_fit(rows(5, observed=[2.0, 2.1, 2.1, 2.1, 2.0], tokens=1e9, table=list("abcde")))
    assert said(find, made_study(a=twice)) == [
        (
            "warning",
            "a",
            "3 of 5 fitted rows repeat another in everything that is recorded of them; each weighs "
            "twice.",
            "duplicates",
            3.0,
        )
    ]


def test_rows_that_differ_in_one_thing_repeat_none():
    context = made_study(
        a=made_fit(rows(4, observed=LOSSES, width=[512.0, 512.0, 512.0, 1024.0])),
        b=made_fit(rows(4), estimator="evaluate"),
        c=made_fit(rows(4, observed=LOSSES)),
        d=made_fit(rows(0), estimator="printed"),
    )
    assert [item[:3] for item in said(find, context)] == [
        (
            "warning",
            "c",
            "1 of 4 fitted rows repeat another in everything that is recorded of them; each weighs "
            "twice.",
        ),
        ("info", None, "No row repeats another in 2 fits."),
    ]


def test_two_unknown_values_are_the_same():
    unknown = rows(4, observed=LOSSES, width=np.full(4, np.nan), dataset=[None] * 4)
    assert said(find, made_study(a=made_fit(unknown)))[0][4] == 1.0


def test_held_out_rows_are_not_looked_at():
    points = rows(4, observed=LOSSES, role=["fit", "fit", "fit", "held_out"])
    assert [item[0] for item in said(find, made_study(a=made_fit(points)))] == ["info"]


def test_measurements_that_others_publish_too_are_named():
    groups = [rows(4, provenance_group=list(names)) for names in ("fcee", "ddba", "ffff")]
    fits = {name: made_fit(points) for name, points in zip("abc", groups, strict=True)}
    assert said(find, made_study(**fits))[-1] == (
        "info",
        None,
        "These measurements are published more than once; together with "
        "the other studies that hold them they are counted once.",
        None,
        None,
    )
