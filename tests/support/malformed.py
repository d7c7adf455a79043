"""Malformed cards and tables: a small study that is in order, and two hundred ways to spoil it."""

from __future__ import annotations

import copy
import random
from collections.abc import Iterator
from typing import Any

STUDY = "a_2020"
CARD: dict[str, Any] = {
    "study": STUDY,
    "title": "A study",
    "citation": {"authors": "A", "year": 2020, "title": "A study"},
    "question": "Does it hold?",
    "tables": {
        "points": {
            "file": "a_2020/points.csv",
            "provenance": "measured",
            "columns": {
                "run_id": {"from": "run"},
                "params_total": {"from": "n", "unit": "params"},
                "tokens": {"from": "d", "unit": "tokens"},
            },
            "measurements": [{"metric": "loss", "unit": "nats_per_token", "from": "loss"}],
            "group": ["run"],
        }
    },
    "fits": {
        "refit": {
            "title": "Additive law",
            "law": "additive",
            "response": {"metric": "loss"},
            "axes": {"params": "params_total", "tokens": "tokens"},
            "rows": {"where": {"params_total": {"max": 1.0e9}}},
            "held_out": "rest",
            "objective": {"name": "huber_log", "delta": 1.0e-3},
            "resample": {"kind": "cluster"},
            "bounds": {"alpha": [0.01, 2.0]},
            "quantities": {"twice": {"expression": "2 * alpha"}},
            "targets": [{"quantity": "alpha", "value": 0.34, "where": "Table 1"}],
        },
        "line": {
            "title": "Power law",
            "law": "power",
            "response": {"metric": "loss"},
            "axes": {"x": "flops_6nd"},
        },
    },
    "ranking": {"fits": ["refit", "line"], "by": {"flops": "flops_6nd"}},
    "figures": {
        "residuals": {
            "kind": "residuals",
            "title": "What is left",
            "caption": "Residuals.",
            "alt": "Residuals.",
            "fits": ["refit"],
        }
    },
}
TABLE = "run,n,d,loss\n" + "".join(
    f"r{i},{int(2e7 * 2**i)},{int(4e8 * 2**i)},{4.5 * 0.86**i:.4f}\n" for i in range(8)
)
#: Where a key is (path), what stands there instead; `DELETE` removes it, `UNKNOWN` adds a key.
DELETE, UNKNOWN = object(), object()
#: Values that hardly any key takes.
ODD_VALUES: tuple[Any, ...] = (
    None,
    [],
    {},
    "",
    "\x1b[2J\u202e",
    "../../etc/passwd",
    "<script>alert(1)</script>",
    "a\nb",
    -1,
    1e308,
    True,
    [["deep"]],
    "x" * 5000,
)


def paths(value: Any, path: tuple = ()) -> Iterator[tuple]:
    """All places in a card, the card itself left out."""
    items = value.items() if isinstance(value, dict) else enumerate(value)
    for key, item in items:
        yield (*path, key)
        if isinstance(item, (dict, list)):
            yield from paths(item, (*path, key))


PATHS = list(paths(CARD))


def spoiled(path: tuple, value: Any) -> dict[str, Any]:
    """The card with another value at one place."""
    card = copy.deepcopy(CARD)
    place = card
    for key in path[:-1]:
        place = place[key]
    if value is DELETE:
        del place[path[-1]]
    elif value is UNKNOWN and isinstance(place, dict):
        place[f"{path[-1]}s_"] = place.pop(path[-1])
    else:
        place[path[-1]] = value if value is not UNKNOWN else object.__name__
    return card


def _edit(*path: Any, to: Any) -> dict[str, Any]:
    return spoiled(path, to)


#: Contradictions and names that do not exist; each must be refused.
CARDS: dict[str, dict[str, Any]] = {
    "another study's name": _edit("study", to="b_2020"),
    "an unknown law": _edit("fits", "refit", "law", to="additiv"),
    "a law of Python": _edit("fits", "refit", "law", to="__init__"),
    "an unknown estimator": _edit("fits", "refit", "estimator", to="guess"),
    "an unknown objective": _edit("fits", "refit", "objective", "name", to="huber_logg"),
    "an unknown axis": _edit("fits", "refit", "axes", to={"size": "tokens", "tokens": "tokens"}),
    "a missing axis": _edit("fits", "refit", "axes", to={"tokens": "tokens"}),
    "an axis that is no column": _edit("fits", "refit", "axes", "params", to="weight_of_gpu"),
    "an axis of text": _edit("fits", "refit", "axes", "params", to="run_id"),
    "an unknown metric": _edit("fits", "refit", "response", "metric", to="accuracy"),
    "an unknown evaluation set": _edit("fits", "refit", "response", "eval_set", to="c4"),
    "an unknown table": _edit("fits", "refit", "table", to="pointz"),
    "an unknown source": _edit("fits", "refit", "source_study", to="b_2020"),
    "bounds upside down": _edit("fits", "refit", "bounds", "alpha", to=[2.0, 0.1]),
    "bounds of no parameter": _edit("fits", "refit", "bounds", to={"gamma": [0.1, 1.0]}),
    "fixed at no parameter": _edit("fits", "refit", "fixed", to={"gamma": 1.0}),
    "all parameters fixed": _edit(
        "fits", "refit", "fixed", to={"E": 1.0, "A": 1.0, "B": 1.0, "alpha": 0.3, "beta": 0.3}
    ),
    "shared with no parameter": _edit("fits", "refit", "shared", to={"beta": "gamma"}),
    "starts at no parameter": _edit("fits", "refit", "starts", to=[{"gamma": 1.0}]),
    "an unknown option": _edit("fits", "refit", "options", to={"speed": 11}),
    "rows of a column that is not there": _edit("fits", "refit", "rows", to={"where": {"gpu": 1}}),
    "rows that compare text with numbers": _edit(
        "fits", "refit", "rows", to={"where": {"run_id": {"min": 3}}}
    ),
    "no row left": _edit("fits", "refit", "rows", "where", "params_total", to={"max": 1.0}),
    "more rows dropped than there are": _edit(
        "fits", "refit", "rows", to={"drop_largest": {"column": "response", "count": 99}}
    ),
    "an extreme of a missing column": _edit(
        "fits", "refit", "rows", to={"drop_largest": {"column": "gpu", "count": 1}}
    ),
    "an extreme of text": _edit("fits", "refit", "rows", to={"lowest": {"of": "run_id"}}),
    "weights of a missing column": _edit("fits", "refit", "weights", to={"column": "gpu"}),
    "weights of text": _edit("fits", "refit", "weights", to={"column": "run_id"}),
    "groups of a missing column": _edit("fits", "refit", "resample", "groups", to="gpu"),
    "an average of a missing column": _edit(
        "fits", "refit", "average", to={"by": "gpu", "at": "tokens"}
    ),
    "an expression that calls": _edit(
        "fits", "refit", "quantities", "twice", "expression", to="__import__('os').getcwd()"
    ),
    "an expression with an attribute": _edit(
        "fits", "refit", "quantities", "twice", "expression", to="alpha.__class__"
    ),
    "an expression of an unknown name": _edit(
        "fits", "refit", "quantities", "twice", "expression", to="2 * alhpa"
    ),
    "an expression without end": _edit(
        "fits", "refit", "quantities", "twice", "expression", to="(" * 200
    ),
    "a quantity of nothing": _edit("fits", "refit", "quantities", "twice", to={"of": "gamma"}),
    "a chain of no fit": _edit(
        "fits", "refit", "chain", to={"error": {"fit": "none", "axis": "loss"}}
    ),
    "a target of nothing": _edit("fits", "refit", "targets", 0, "quantity", to="gamma"),
    "a target judged by no fit": _edit("fits", "refit", "targets", 0, "compare_with", to="none"),
    "a headline of nothing": _edit("fits", "refit", "headline", to=["gamma"]),
    "a ranking of no fit": _edit("ranking", "fits", to=["none"]),
    "a ranking by no column": _edit("ranking", "by", "flops", to="gpu"),
    "a ranking by nothing": _edit("ranking", "by", to={}),
    "a plan of a law without allocation": _edit("plan", to={"fits": ["line"]}),
    "a figure of no kind": _edit("figures", "residuals", "kind", to="residuls"),
    "a figure of a private module": _edit("figures", "residuals", "kind", to="_style"),
    "a figure of no fit": _edit("figures", "residuals", "fits", to=["none"]),
    "a figure outside its folder": _edit("figures", to={"../../x": CARD["figures"]["residuals"]}),
    "a fit outside its folder": _edit("fits", to={"../../x": CARD["fits"]["line"]}),
    "a fit at the root": _edit("fits", to={"/tmp/x": CARD["fits"]["line"]}),
    "a fit with a line break": _edit("fits", to={"x\n": CARD["fits"]["line"]}),
    "a table outside its folder": _edit("tables", "points", "file", to="../secret.csv"),
    "a table at the root": _edit("tables", "points", "file", to="/etc/passwd.csv"),
    "a table deep outside": _edit("tables", "points", "file", to="a_2020/../../secret.csv"),
    "a table that is not there": _edit("tables", "points", "file", to="a_2020/pointz.csv"),
    "a table of another kind": _edit("tables", "points", "file", to="a_2020/points.pkl"),
    "a table with a line break": _edit("tables", "points", "file", to="a_2020/points.csv\n"),
    "another checksum": _edit("tables", "points", "sha256", to="0" * 64),
    "an unknown unit": _edit("tables", "points", "columns", "params_total", "unit", to="milion"),
    "a unit of another quantity": _edit("tables", "points", "columns", "tokens", "unit", to="FLOP"),
    "an unknown raw column": _edit("tables", "points", "columns", "tokens", "from", to="tokenz"),
    "an unknown column of the run table": _edit(
        "tables", "points", "columns", "gpus", to={"from": "n"}
    ),
    "a column that is filled here": _edit(
        "tables", "points", "columns", "flops_6nd", to={"from": "n"}
    ),
    "an unknown rule": _edit("tables", "points", "columns", "tokens", to={"derive": "guess"}),
    "a rule without its inputs": _edit(
        "tables", "points", "columns", "tokens", to={"derive": "tokens_from_6nd"}
    ),
    "an unknown unit of the loss": _edit("tables", "points", "measurements", 0, "unit", to="bits"),
    "an unknown column of the loss": _edit("tables", "points", "measurements", 0, "from", to="los"),
    "an unknown group": _edit("tables", "points", "group", to=["gpu"]),
    "a constant that is a column": _edit("tables", "points", "constants", to={"tokens": 1.0}),
    "a constant of another type": _edit("tables", "points", "constants", to={"dataset": 3}),
    "a joined file that is not there": _edit(
        "tables", "points", "join", to=[{"file": "a_2020/b.csv", "on": ["run"]}]
    ),
    "some tables retrieved": _edit(
        "tables", "more", to=CARD["tables"]["points"] | {"retrieved": True}
    ),
}

#: Cards that are no plain YAML.
TEXTS: dict[str, str | bytes] = {
    "nothing": "",
    "a word": "hello",
    "a list": "- a\n- b\n",
    "a number": "3\n",
    "an open bracket": "study: [a\n",
    "a tab": "study:\n\tname: a\n",
    "a Python object": "study: !!python/object/apply:os.system ['touch /tmp/owned']\n",
    "a Python name": "study: !!python/name:os.system\n",
    "a tag of its own": "study: !run {a: 1}\n",
    "a binary": "study: !!binary aGVsbG8=\n",
    "a set": "study: !!set {a, b}\n",
    "a key twice": "study: a_2020\nstudy: a_2020\n",
    "a key that is a number": "study: a_2020\n1: b\n",
    "a key that is a list": "? [a, b]\n: c\n",
    "not a number": "study: .nan\n",
    "an infinity": "study: -.inf\n",
    "an alias that contains itself": "study: &a [*a]\n",
    "an unknown alias": "study: *a\n",
    "aliases that unfold without end": "a: &a [x, x, x, x, x, x, x, x, x]\n"
    + "".join(
        f"{c}: &{c} [{', '.join(['*' + p] * 9)}]\n"
        for p, c in zip("abcdefgh", "bcdefghi", strict=True)
    ),
    "many brackets": "[" * 100_000,
    "many braces": "{a: " * 5_000,
    "a number of many digits": "study: " + "9" * 10_000 + "\n",
    "two documents": "a: 1\n---\nb: 2\n",
    "control characters": "study: a\x1b[31m\n",
    "not UTF-8": b"study: \xff\xfe\n",
    "zero bytes": b"\x00" * 64,
    "a long line": "study: " + "a" * 200_000 + "\n",
}


def _rows(**changes: str) -> str:
    """The table with other cells: `n_3="x"` is column n of row 3."""
    lines = [line.split(",") for line in TABLE.splitlines()]
    for place, value in changes.items():
        column, row = place.rsplit("_", 1)
        lines[int(row)][lines[0].index(column)] = value
    return "\n".join(",".join(cells) for cells in lines) + "\n"


#: Tables that break the contract.
TABLES: dict[str, str | bytes] = {
    "nothing": "",
    "a header alone": "run,n,d,loss\n",
    "another header": TABLE.replace("run,n,d,loss", "run,size,d,loss"),
    "a column twice": TABLE.replace("run,n,d,loss", "run,n,n,loss"),
    "a column without a name": TABLE.replace("run,n,d,loss", "run,,d,loss"),
    "semicolons": TABLE.replace(",", ";"),
    "tabs": TABLE.replace(",", "\t"),
    "not UTF-8": TABLE.encode() + b"\xff,1,2,3\n",
    "UTF-16": TABLE.encode("utf-16"),
    "zero bytes": b"\x00" * 100,
    "a ragged row": TABLE + "r9,1\n",
    "a long row": TABLE + "r9,1,2,3,4,5\n",
    "an open quote": TABLE + '"r9,1,2,3\n',
    "a zip file": b"PK\x03\x04" + b"\x00" * 60,
    "a pickle": b"\x80\x04\x95cos\nsystem\n(S'touch /tmp/owned'\ntR.",
    "a page": "<html><script>alert(1)</script></html>\n",
    **{
        f"{value!r} as {column}": _rows(**{f"{column}_3": value})
        for column in ("n", "d", "loss")
        for value in ("", "x", "0", "-1", "nan", "inf", "1e999", "1 000", "\x1b[2J", "=1+1")
    },
    "an empty run": _rows(run_3=""),
    "a run twice": _rows(run_3="r1"),
}


def generated(seed: int) -> dict[str, Any]:
    """A card spoiled at one random place."""
    chance = random.Random(seed)
    return spoiled(chance.choice(PATHS), chance.choice((*ODD_VALUES, DELETE, UNKNOWN)))
