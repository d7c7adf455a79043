"""Placeholders of titles and captions are filled from the artefacts, or refused."""

from __future__ import annotations

from pathlib import Path

import pytest
from drawn_figures import context_of
from simulated_artefacts import STUDY

from scaling_studies import figures
from scaling_studies.artefacts import files
from scaling_studies.cards import placeholders
from scaling_studies.errors import CardError
from scaling_studies.words import without_e


def test_placeholders_are_filled_from_the_artefacts(results: Path) -> None:
    title = (
        "α {refit.alpha:.3f}, n {refit.n:,d}, low {refit.alpha.low:.3f}, "
        "dotted {curve_1.4b.alpha:.2f}, share {refit.max_relative_error:.1%}, "
        "tiny {refit.max_relative_error:.2e}, {{literal}}"
    )
    context = context_of(results, "lines", title=title, fits=["refit", "curve_1.4b"])
    fit = files.read_json(results / f"fits/{STUDY}/refit.json")
    summary = files.read_json(results / f"resamples/{STUDY}/refit.json")
    curve = files.read_json(results / f"fits/{STUDY}/curve_1.4b.json")
    assert context.title == (
        f"α {fit['quantities']['alpha']:.3f}, n 55, "
        f"low {summary['intervals']['alpha']['low']:.3f}, "
        f"dotted {curve['quantities']['alpha']:.2f}, "
        f"share {100 * fit['quantities']['max_relative_error']:.1f}\N{NO-BREAK SPACE}%, "
        f"tiny {without_e(format(fit['quantities']['max_relative_error'], '.2e'))}, {{literal}}"
    )


def test_verdicts_are_counted_in_titles_of_comparisons(results: Path) -> None:
    laws = files.read_rows(results / "laws.parquet")
    title = "{laws.in_part:d} of {laws.total:d}, {verdicts.numbers:d} numbers"
    context = context_of(results, "verdict_matrix", title=title)
    assert context.title == f"1 of {len(laws)}, 2 numbers"


@pytest.mark.parametrize(
    "title",
    [
        "{refit.__class__}",
        "{refit.parameters}",
        "{refit[parameters]}",
        "{refit.alpha!r}",
        "{refit.alpha:{refit.n}}",
        "{refit.alpha:>99999999999}",
        "{refit.alpha:s}",
        "{refit.no_such_quantity:.3f}",
        "{no_such_fit.alpha:.3f}",
        "{verdicts.numbers:d}",
        "{alpha}",
        "{}",
        "{0}",
        "a stray { brace",
    ],
)
def test_other_placeholders_are_refused(title: str, results: Path) -> None:
    context = context_of(results, "lines", title=title)
    with pytest.raises(CardError) as caught:
        figures.draw(context)
    message = str(caught.value)
    assert f"study {STUDY}, key figures.figure.title" in message
    assert "Fix:" in message
    assert "\n" not in message


def test_a_negative_number_has_a_true_minus_sign() -> None:
    def refuse(problem: str, fix: str) -> Exception:
        return AssertionError(problem + fix)

    filled = placeholders.fill("{a.b:.2f} %", lambda *_: -1.5, refuse)
    assert filled == "−1.50\N{NO-BREAK SPACE}%"


@pytest.mark.parametrize(
    ("value", "spec", "text"),
    [(-0.0004, ".1%", "0.0\N{NO-BREAK SPACE}%"), (-0.2, "d", "0"), (-0.04, ".2f", "−0.04")],
)
def test_what_rounds_to_nothing_has_no_sign(value, spec, text):
    assert placeholders.fill(f"{{a.b:{spec}}}", lambda *_: value, CardError) == text


@pytest.mark.parametrize(
    ("value", "spec", "text"),
    [
        (7.312e10, ".3C", "73.1B"),
        (1.655e13, ".2C", "17T"),
        (512.0, ".2C", "512"),
        (2e4, ".2C", "20k"),
    ],
)
def test_counts_are_written_in_thousands_millions_billions(value, spec, text):
    def refused(problem: str, fix: str) -> CardError:
        return CardError(problem, fix=fix)

    assert placeholders.fill(f"{{fit.n:{spec}}}", lambda *_: value, refused) == text
    with pytest.raises(CardError, match="has the format"):
        placeholders.fill("{fit.n:C}", lambda *_: value, refused)
