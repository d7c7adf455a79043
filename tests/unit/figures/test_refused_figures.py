"""What cannot be drawn is refused with figure, key and fix, and the others are drawn."""

from __future__ import annotations

from pathlib import Path

import pytest
from drawn_figures import context_of, entry_of, inputs_of
from simulated_artefacts import CARD, STUDY

from scaling_studies import figures, registry
from scaling_studies.artefacts import files
from scaling_studies.cards.models.study import StudyCard
from scaling_studies.errors import ArtefactError, CardError


@pytest.mark.parametrize(
    ("changes", "words"),
    [
        ({"kind": "line"}, ["figures.figure.kind", "did you mean 'lines'?"]),
        ({"kind": "_style"}, ["unknown kind"]),
        ({"options": {"series_": "params"}}, ["no option 'series_'"]),
        ({"options": {"x": "nothing"}}, ["no column 'nothing'", "params"]),
        ({"options": {"series": "nothing"}}, ["no column 'nothing'"]),
        ({"options": {"panels": [{"title": "x"}]}}, ["panels[0]", "title: ..., fits"]),
        ({"options": {"panels": [{"title": "x", "fits": ["y"]}]}}, ["no fit 'y'"]),
        ({"options": {"x_scale": "square"}}, ["'square' is not a choice"]),
        ({"options": {"subtract": "gamma"}}, ["no parameter 'gamma'"]),
    ],
)
def test_errors_name_figure_key_and_fix(changes: dict, words: list[str], results: Path) -> None:
    entry = {"kind": "lines"} | changes
    with pytest.raises(CardError) as caught:
        figures.draw(context_of(results, entry.pop("kind"), **{"fits": ["refit"]} | entry))
    message = str(caught.value)
    assert message.startswith(f"study {STUDY}, key figures.figure")
    assert "Fix:" in message
    for word in words:
        assert word in message


def test_a_missing_fit_names_the_command_that_makes_it(results: Path) -> None:
    inputs = figures.Inputs(fits=[results / "not_made.json"], points=[results / "x.parquet"])
    with pytest.raises(ArtefactError, match="snakemake"):
        figures.load(STUDY, "figure", entry_of("lines", fits=["not_made"]), inputs)


def test_a_study_figure_of_a_comparison_kind_is_refused(results: Path) -> None:
    context = figures.load(STUDY, "figure", entry_of("verdict_matrix"), inputs_of(results))
    with pytest.raises(CardError, match="the table of laws"):
        figures.draw(context)


def _recorded(path: str | Path) -> str:
    """Checksum beside an artefact."""
    return Path(f"{path}.sha256").read_text(encoding="utf-8").split()[0]


def test_every_figure_that_fails_is_named_and_the_others_are_drawn(
    results: Path, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    entries = {
        "misspelt": entry_of("lines", fits=["refit"], options={"series_": "x"}),
        "residuals": entry_of("residuals"),
        "surface": entry_of("loss_surface"),
    }
    broken = registry.load("figures", "loss_surface").__globals__
    monkeypatch.setitem(broken, "_draw_surface", lambda *_: {}["nothing"])
    with pytest.raises(ExceptionGroup) as caught:
        figures.draw_all(
            STUDY,
            entries,
            inputs_of(results),
            {name: tmp_path / f"{name}.svg" for name in entries},
            cards={STUDY: StudyCard.rebuilt(CARD)},
            provenance=lambda read: {"inputs": {str(path): _recorded(path) for path in read}},
        )
    misspelt, surface = map(str, caught.value.exceptions)
    assert misspelt.startswith(f"study {STUDY}, key figures.misspelt.options.series_: ")
    assert surface == f"study {STUDY}, key figures.surface: internal error, KeyError: 'nothing'"
    meta = files.read_json(tmp_path / "residuals.json")
    assert len(meta["provenance"]["inputs"]) == 6, "two fits with their rows, resamples of one"
    assert not (tmp_path / "surface.svg").exists()


def test_an_artefact_is_read_once_for_all_figures(results: Path) -> None:
    inputs = inputs_of(results)
    first, second = (
        figures.load(STUDY, kind, entry_of(kind), inputs) for kind in ("residuals", "lines")
    )
    assert first.points["refit"] is second.points["refit"]


def test_without_published_laws_the_matrix_says_so(results):
    context = context_of(results, "verdict_matrix")
    context.frames["laws"] = context.frames["laws"].iloc[:0]
    _, frame = figures.draw(context)
    assert frame["note"].tolist() == ["No study of this run has a published law."]
