"""Cards that mean harm or are broken: one line, at once, in little memory."""

from __future__ import annotations

import copy
import itertools
import os
import time
import tracemalloc
from pathlib import Path

import pytest
import yaml
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st
from limits import refusal as refused_within_limits
from malformed import CARD, PATHS, STUDY, spoiled

from scaling_studies.cards import load
from scaling_studies.cards.expressions import evaluate, names_in
from scaling_studies.cards.plain_yaml import read_yaml
from scaling_studies.errors import CardError

SECONDS, BYTES = 1.0, 500_000_000


def chain(of: str, times: int, pattern: str) -> str:
    """Anchors that each name the one before several times."""
    names = [f"n{number}" for number in range(times)]
    pairs = itertools.pairwise(names)
    return of + "".join(pattern.format(new=new, old=old) for old, new in pairs)


TEXTS = {
    "merges that unfold": chain(
        "n0: &n0 {a: 1, b: 2}\n", 40, "{new}: &{new} {{<<: [*{old}, *{old}, *{old}]}}\n"
    ),
    "merges of wide mappings": "a: &a {"
    + ", ".join(f"k{i}: 1" for i in range(900))
    + "}\nb: {<<: ["
    + ", ".join(["*a"] * 900)
    + "]}\n",
    "aliases that unfold": chain("n0: &n0 [x, x]\n", 40, "{new}: &{new} [*{old}, *{old}]\n"),
    "a chain of aliases": chain("n0: &n0 [x]\n", 5000, "{new}: &{new} [*{old}]\n"),
    "keys that unfold": chain("? &n0 [x]\n: 1\n", 30, "? &{new} [*{old}, *{old}, *{old}]\n: 1\n"),
    "a merge of itself": "a: &a {<<: *a}\n",
    "a million digits": "study: " + "9" * 1_000_000 + "\n",
    "a million hexadecimal digits": "study: 0x" + "f" * 1_000_000 + "\n",
    "a number of a thousand sexagesimals": "study: " + ":".join(["59"] * 1_000_00) + "\n",
    "a tagged number": "study: !!int '" + "9" * 100_000 + "'\n",
    "400 digits": "study: " + "9" * 399 + "\n",
    "1e999": "study: 1e999\n",
    "a large exponent": "study: 1.0e+400\n",
    "deep brackets": "[" * 60 + "]" * 60,
    "deep blocks": "".join("  " * i + "a:\n" for i in range(80)),
    "a tag": "study: !!python/object/apply:os.system ['x']\n",
    "a local tag": "study: !x y\n",
    "a timestamp tag": "study: !!timestamp 2001-01-01\n",
    "pairs": "study: !!pairs [a: b]\n",
    "an ordered map": "study: !!omap [a: b]\n",
    "an escape": 'study: "a\\e[2J"\n',
    "zero": 'study: "a\\0b"\n',
    "a turn": 'study: "a\\u202eb"\n',
    "a turn in a key": '"a\\u2066b": 1\n',
    "half a pair": 'study: "a\\ud800b"\n',
    "no character": 'study: "a\\uffffb"\n',
    "a long text": "study: " + "a" * 3_000_000 + "\n",
    "a long key": "? " + "a" * 3_000_000 + "\n: b\n",
    "too many bytes": "#" * 5_000_000,
    "a directive": "%YAML 9.9\n---\na: b\n",
    "an open anchor": "a: &\n",
    "keys twice in a merge": "a: &a {b: 1, b: 2}\nc: {<<: *a}\n",
}


def refusal(path: Path) -> str:
    tracemalloc.start()
    begin = time.process_time()
    problems = load.card_problems(path)
    spent, (_, peak) = time.process_time() - begin, tracemalloc.get_traced_memory()
    tracemalloc.stop()
    assert spent < 5 * SECONDS, spent  # tracing makes it several times slower
    assert peak < BYTES
    line = str(problems[0])
    assert line.startswith(f"study {path.stem}") and "\n" not in line and "Fix: " in line
    assert line.isprintable() and len(line) < 5000
    return line


@pytest.mark.parametrize("name", TEXTS)
def test_a_hostile_text_is_refused_in_one_line(tmp_path, name):
    path = tmp_path / f"{STUDY}.yaml"
    path.write_text(TEXTS[name], encoding="utf-8")
    refusal(path)


def test_a_byte_order_mark_is_no_part_of_a_card(tmp_path):
    path = tmp_path / "a.yaml"
    path.write_bytes("\ufeffstudy: a\n".encode())
    assert read_yaml(path) == {"study": "a"}


@pytest.mark.parametrize("kind", ["folder", "pipe", "device", "loop", "dangling", "itself", "null"])
def test_what_is_no_plain_file_is_refused_at_once(tmp_path, kind):
    path = tmp_path / f"{STUDY}.yaml"
    match kind:
        case "folder":
            path.mkdir()
        case "pipe":
            os.mkfifo(path)
        case "device":
            path.symlink_to("/dev/zero")
        case "null":
            path.symlink_to("/dev/null")
        case "loop":
            path.symlink_to(tmp_path / "other.yaml")
            (tmp_path / "other.yaml").symlink_to(path)
        case "itself":
            path.symlink_to(path)
        case "dangling":
            path.symlink_to("nowhere")
    assert "cannot read" in refusal(path)


TEXT = st.text(max_size=12) | st.sampled_from(
    [
        "{9}",
        "{study}",
        "{{",
        "}",
        "$10^{9}$",
        "\x00",
        "\x1b[2J",
        "\u202e",
        "\ud800",
        "\r",
        "a\tb",
        "*",
        "{*}",
    ]
)
NUMBER = (
    st.sampled_from([0, -1, 10**18, 10**400, -(10**400), 1e308, 5e-324, 1e-320, 1e18, True])
    | st.floats(allow_nan=True)
    | st.integers()
)


@settings(max_examples=300, suppress_health_check=[HealthCheck.function_scoped_fixture])
@given(path=st.sampled_from(PATHS), value=TEXT | NUMBER | st.lists(TEXT | NUMBER, max_size=3))
def test_any_text_and_number_at_any_place_is_taken_or_refused_in_lines(tmp_path, path, value):
    file = tmp_path / f"{STUDY}.yaml"
    file.write_text(yaml.safe_dump(spoiled(path, value)), encoding="utf-8", errors="surrogatepass")
    for problem in load.card_problems(file):
        line = str(problem)
        assert line.isprintable() and "Fix: " in line and line.startswith(f"study {STUDY}")


@pytest.mark.parametrize(
    "text",
    [
        "9" * 399,
        "9**9**9**9",
        "1/0",
        "-" * 300 + "1",
        "(" * 150 + "1" + ")" * 150,
        "1()",
        "1 if 1 else 2",
        "0x" + "f" * 390,
        "log(-1)",
        "1e999",
        "'a'",
        "1j",
        "lambda: 1",
        "a.b",
        "[1]",
        "f'{1}'",
        "\x00",
        "1\n+1",
        "\ud800",
        "log(1, 2)",
        "10**400 * 1.0",
    ],
)
def test_any_expression_is_a_number_or_refused_at_once(text, capsys):
    begin = time.process_time()
    try:
        names_in(text)
        assert evaluate(text, {}).shape == (1,)
    except CardError as error:
        assert "\n" not in str(error)
    assert time.process_time() - begin < SECONDS
    assert capsys.readouterr() == ("", "")


@given(text=st.text(alphabet="0123456789.e+-*/() logexpab", max_size=40))
def test_expressions_of_any_signs_are_numbers_or_refused(text):
    try:
        names_in(text)
        evaluate(text, {})
    except CardError as error:
        assert "\n" not in str(error)


def test_the_card_itself_is_in_order(tmp_path):
    path = tmp_path / f"{STUDY}.yaml"
    path.write_text(yaml.safe_dump(copy.deepcopy(CARD)), encoding="utf-8")
    assert load.card_problems(path) == []


@pytest.mark.parametrize("text", ["1/0", "1e999", "log(-1)", "9**9**9**9", "0 * 1e999"])
def test_a_constant_that_is_no_finite_number_is_refused(tmp_path, text):
    path = tmp_path / f"{STUDY}.yaml"
    card = copy.deepcopy(CARD)
    card["fits"]["refit"]["fixed"] = {"E": text}
    path.write_text(yaml.safe_dump(card), encoding="utf-8")
    assert "is not a finite number" in refusal(path)


LINE = CARD["fits"]["line"]
MANY = LINE | {"quantities": {f"q{i}": {"expression": "1 + 1"} for i in range(2000)}}
SUM = {"expression": "+".join(["alpha"] * 70)}
CONSTANTS = {"confirmation": "one_source", "fixed": dict.fromkeys(map(str, range(9000)), 1)}
NAMES = [f"f{i}" for i in range(900)]
#: Fits that take a few kilobytes, and far more, or long, once they are written out.
GROWING: dict[str, dict] = {
    "a chain of likenesses": {"f0": LINE, **{n: {"like": o} for o, n in itertools.pairwise(NAMES)}},
    "very many fits": {f"f{i}": LINE for i in range(1100)},
    "defaults of many": {"defaults": MANY, **{name: {} for name in NAMES}},
    "likeness to many": {"f": MANY, **{name: {"like": "f"} for name in NAMES}},
    "groups of many": {"f*": MANY, **{name: {} for name in NAMES}},
    "texts of many stars": {"f*": LINE | {"title": "{*}" * 6000}, **{name: {} for name in NAMES}},
    "constants of one word": {"f": LINE | CONSTANTS},
    "targets": {"f": LINE | {"targets": {f"p{i}": 1 for i in range(9000)}}},
    "long expressions": {"f": LINE | {"quantities": {f"q{i}": SUM for i in range(3000)}}},
    "conditions": {"f": LINE | {"rows": {"any": [{f"c{i}": 1} for i in range(9000)]}}},
}


@pytest.mark.parametrize("name", GROWING)
def test_a_card_that_grows_is_refused_at_once(tmp_path, name):
    path = tmp_path / f"{STUDY}.yaml"
    path.write_text(yaml.safe_dump(CARD | {"fits": GROWING[name]}), encoding="utf-8")
    assert refused_within_limits(lambda: load.load_card(path)).startswith(f"study {STUDY}")


@pytest.mark.parametrize(
    "patterns",
    [
        ["*a" * 25 + "b"],
        ["*a" * 5000],
        ["[!" * 90, "[a-" * 60, "*[" * 50],
        ["*", *["not *x*y*z*"] * 5000],
        ["*a*b*c*d*"] * 5000,
        ["?" * 190],
    ],
    ids=lambda patterns: patterns[-1][:12],
)
def test_patterns_of_fits_take_no_time(tmp_path, patterns):
    path = tmp_path / f"{STUDY}.yaml"
    fits = {f"{'a' * 50}{i}": LINE for i in range(300)}
    laws = {"law": {"name": "A law", "fits": patterns}}
    path.write_text(yaml.safe_dump(CARD | {"fits": fits, "laws": laws}), encoding="utf-8")
    assert "laws.law.fits" in refused_within_limits(lambda: load.load_card(path))
