"""A card or a table from a stranger: no code, no foreign files, no markup, no terminal control."""

from __future__ import annotations

import numpy as np
import pandas as pd
import pytest
from card_entries import fit_entries, fit_entry
from fit_artefacts import artefact
from malformed import CARD, STUDY, TABLE
from simulated_artefacts import CARD as SIMULATED
from simulated_pages import Page, as_rows

from scaling_studies.cards import load
from scaling_studies.cards.expressions import evaluate, names_in
from scaling_studies.cards.models.study import StudyCard
from scaling_studies.cards.placeholders import fill
from scaling_studies.cards.plain_yaml import read_yaml
from scaling_studies.errors import CardError, ScalingStudiesError, SourceError
from scaling_studies.figures import FigureContext
from scaling_studies.figures.drawing import style
from scaling_studies.forecasts.plans import plan_runs
from scaling_studies.forecasts.rankings import rank_laws
from scaling_studies.forecasts.rollouts import roll_out
from scaling_studies.pages.study import render_study
from scaling_studies.reading.folders import read_folder
from scaling_studies.runs.tables import locate
from scaling_studies.sources.files import SourceFile

HOSTILE = "<script>alert(1)</script>\"'><img src=x onerror=alert(1)>"


@pytest.mark.parametrize(
    "tag",
    [
        "!!python/object/apply:os.system ['touch {marker}']",
        "!!python/object/apply:subprocess.check_output [[touch, '{marker}']]",
        "!!python/object/new:os.system ['touch {marker}']",
        "!!python/name:os.system",
        "!!python/module:os",
        "!include {marker}",
    ],
)
def test_yaml_runs_no_code(tmp_path, tag):
    marker = tmp_path / "owned"
    card = tmp_path / "card.yaml"
    card.write_text(f"study: {tag.format(marker=marker)}\n")
    with pytest.raises(CardError, match="not valid YAML"):
        read_yaml(card)
    assert not marker.exists()


@pytest.mark.parametrize(
    "text",
    [
        "__import__('os').system('true')",
        "().__class__.__bases__[0].__subclasses__()",
        "[x for x in (1, 2)]",
        "(lambda: 1)()",
        "open('/etc/passwd')",
        "alpha if alpha else 1",
        "f'{alpha}'",
        "alpha @ alpha",
        "log(alpha, alpha)",
        "log.__globals__",
        "(x := 1)",
        "'a' * 9",
    ],
)
def test_arithmetic_is_arithmetic(text):
    for call in (names_in, lambda text: evaluate(text, {"alpha": np.ones(1)})):
        with pytest.raises(CardError):
            call(text)


def test_a_power_tower_ends_at_once():
    assert not np.isfinite(evaluate("9 ** 9 ** 9 ** 9 ** 9", {})[0])


@pytest.mark.parametrize(
    "text",
    [
        "{fit.alpha.__class__}",
        "{fit.alpha!r}",
        "{fit.alpha[0]}",
        "{0.__class__.__init__.__globals__}",
        "{fit.alpha:{fit.alpha}}",
        "{fit.alpha:999999999d}",
        "{fit.alpha:x>99999999}",
        "{}",
        "{",
    ],
)
def test_placeholders_reach_numbers_only(text):
    known = {("fit", "alpha", None): 0.5}
    context = FigureContext("a_2020", "figure", {"kind": "residuals"})
    with pytest.raises(CardError):
        fill(text, lambda *name: known.get(name), context.error)


@pytest.mark.parametrize("file", ["../secret.csv", "/etc/passwd", "a/../../secret.csv"])
def test_no_table_is_read_outside_the_data_folder(tmp_path, file):
    (tmp_path / "data").mkdir()
    (tmp_path / "secret.csv").write_text(TABLE)
    with pytest.raises(CardError, match="leads out of the folder"):
        locate(tmp_path / "data", file, study="a_2020", table="points")


def test_no_link_leads_out_of_the_data_folder(tmp_path):
    (tmp_path / "data").mkdir()
    (tmp_path / "secret.csv").write_text(TABLE)
    (tmp_path / "data/points.csv").symlink_to(tmp_path / "secret.csv")
    (tmp_path / "data/folder").symlink_to(tmp_path, target_is_directory=True)
    for file in ("points.csv", "folder/secret.csv"):
        with pytest.raises(CardError, match="leads out of the folder"):
            locate(tmp_path / "data", file, study="a_2020", table="points")


def test_a_folder_of_runs_follows_no_link(tmp_path):
    (tmp_path / "secret.csv").write_text(TABLE)
    (tmp_path / "runs").mkdir()
    (tmp_path / "runs/a.csv").symlink_to(tmp_path / "secret.csv")
    with pytest.raises(ScalingStudiesError, match=r"holds no \.csv file"):
        read_folder(tmp_path / "runs")


@pytest.mark.parametrize(
    "name", ["../x", "/x", "x/y", "x\n", "-x", "", "x\0", "é", "CON:", "x" * 65]
)
@pytest.mark.parametrize("part", ["fits", "figures", "tables"])
def test_names_that_become_paths_have_a_closed_alphabet(tmp_path, part, name):
    import yaml

    card = {**CARD, part: {name: next(iter(CARD[part].values()))}}
    path = tmp_path / f"{STUDY}.yaml"
    path.write_text(yaml.safe_dump(card))
    with pytest.raises(CardError):
        load.load_card(path)


def test_only_https_with_a_checksum_is_fetched():
    place = {"study": "a_2020", "repository": "a/b", "commit": "c" * 40, "path": "x.csv"}
    assert SourceFile(**place, bytes=1, sha256="0" * 64).address.startswith("https://")
    for changes in ({"sha256": ""}, {"sha256": "abc"}):
        with pytest.raises(SourceError):
            SourceFile(**place, **({"bytes": 1, "sha256": "0" * 64} | changes))


def test_control_characters_never_reach_the_terminal():
    text = "a\x1b]0;owned\x07\x1b[2J\r\nb\u202e\u2066\x9b31m\x00"
    error = ScalingStudiesError(text, fix=text, study=text, row=text, column=text, key=text)
    assert all(sign.isprintable() for sign in str(error))
    assert "\\x1b" in str(error)
    assert len(str(ScalingStudiesError("x" * 10**6, fix="y" * 10**6))) < 5000


def hostile_points() -> pd.DataFrame:
    """Twelve runs whose names are markup."""
    generator = np.random.default_rng(0)
    params = 2e7 * 2.0 ** np.arange(12)
    tokens = params * np.tile([10.0, 20.0, 40.0], 4)
    loss = (1.7 + 400 * params**-0.34 + 1500 * tokens**-0.35) * np.exp(
        generator.normal(0, 0.002, 12)
    )
    names = [f"{HOSTILE}{i}" for i in range(12)]
    return pd.DataFrame(
        {
            "row_key": names,
            "run_id": names,
            "params": params,
            "tokens": tokens,
            "params_total": params,
            "x": 6 * params * tokens,
            "observed": loss,
            "predicted": loss * 1.001,
            "relative_residual": 0.001,
            "weight": 1.0,
            "role": ["fit"] * 9 + ["held_out"] * 3,
        }
    )


def test_rankings_and_plans_are_escaped_on_the_page():
    points = hostile_points()
    entry = {"title": HOSTILE, "law": "power", "objective": {"name": "huber_log"}}
    rolled = roll_out(STUDY, "line", fit_entry(entry), points, {"params": "params_total"})
    ranking = rank_laws(STUDY, fit_entries({"line": entry}), {"line": points}, {"line": rolled})
    truth = {"E": 1.7, "A": 400.0, "B": 1500.0, "alpha": 0.34, "beta": 0.35}
    fitted = artefact(study=STUDY, fit="plan", title=HOSTILE, parameters=truth)
    plan = plan_runs([fitted], [points], [pd.DataFrame()], ranking)
    exponents = pd.DataFrame(
        {
            "study": [STUDY, HOSTILE], "fit": [HOSTILE, HOSTILE], "law": "additive",
            "quantity": HOSTILE, "source": HOSTILE, "value": 0.3, "ci_low": np.nan,
            "ci_high": np.nan, "level": np.nan, "n": 3,
        }
    )  # fmt: skip
    card = SIMULATED | {
        "study": STUDY, "title": HOSTILE, "question": HOSTILE, "notes": [HOSTILE], "fits": {},
        "citation": {"authors": HOSTILE, "year": 2020, "title": HOSTILE},
    }  # fmt: skip
    tables = {"ranking": ranking, "plan": plan, "exponents": exponents}
    forecasts = {name: as_rows(table) for name, table in tables.items()}
    html = render_study(StudyCard.rebuilt(card), {}, {}, {}, [], forecasts=forecasts)
    page = Page(html)
    assert HOSTILE in page.text
    assert not [a for tag, a in page.elements if tag == "img" or "onerror" in a]
    assert html.count("<script>") == 1 and "alert(1)</script>" not in html


def test_a_dollar_in_a_text_begins_no_formula(tmp_path):
    with style.style():
        figure = style.new_figure(height=1)
        figure.text(0.1, 0.5, r"costs $\frac{1}{$ and $\undefined$")
        figure.savefig(tmp_path / "figure.svg")
