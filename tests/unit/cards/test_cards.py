"""Cards and configuration: what is valid, and what one line says of what is not."""

from __future__ import annotations

import copy
from pathlib import Path
from typing import get_args

import pytest
import yaml
from pydantic import BaseModel

from scaling_studies.cards import load
from scaling_studies.cards.models.config import Config
from scaling_studies.cards.models.source import SourceRecord
from scaling_studies.cards.models.study import StudyCard
from scaling_studies.cards.resolve import resolve_fit
from scaling_studies.errors import CardError

ROOT = Path(__file__).resolve().parents[3]
STUDIES = sorted(path.stem for path in (ROOT / "config/studies").glob("*.yaml"))


@pytest.fixture
def card() -> dict:
    return load.load_card(ROOT / "config/studies/gadre_2024.yaml").as_dict()


def refusal(card: dict, tmp_path: Path, name: str = "gadre_2024") -> str:
    path = tmp_path / f"{name}.yaml"
    path.write_text(yaml.safe_dump(card, sort_keys=False))
    with pytest.raises(CardError) as caught:
        load.load_card(path)
    line = str(caught.value)
    assert "\n" not in line
    assert name in line
    assert "Fix:" in line
    return line


@pytest.mark.parametrize("study", STUDIES)
def test_card_of_the_project_is_valid(study):
    assert load.load_card(ROOT / "config/studies" / f"{study}.yaml").study == study


def models_below(model: type[BaseModel]) -> set[type[BaseModel]]:
    def inner(annotation):
        if isinstance(annotation, type) and issubclass(annotation, BaseModel):
            yield annotation
        for member in get_args(annotation):
            if not isinstance(member, str):
                yield from inner(member)

    found, waiting = set(), [model]
    while waiting:
        model = waiting.pop()
        if model not in found:
            found.add(model)
            waiting += [m for field in model.model_fields.values() for m in inner(field.annotation)]
    return found


@pytest.mark.parametrize("model", [StudyCard, Config, SourceRecord])
def test_every_key_is_described(model):
    for part in models_below(model):
        assert part.__doc__
        assert [name for name, field in part.model_fields.items() if not field.description] == []


def test_unknown_axis(card, tmp_path):
    card["fits"]["c4"]["axes"]["param"] = "params_total"
    assert "axis 'param' is unknown" in refusal(card, tmp_path)


def test_missing_axis(card, tmp_path):
    del card["fits"]["c4"]["axes"]["tokens"]
    assert "axis 'tokens' is missing" in refusal(card, tmp_path)


def test_unknown_parameter(card, tmp_path):
    card["fits"]["c4"]["fixed"] = {"gamma": 1.0}
    line = refusal(card, tmp_path)
    assert "unknown parameter 'gamma'" in line
    assert "exponent" in line


def test_unknown_chain(card, tmp_path):
    card["fits"]["c4"]["chain"]["error17"]["fit"] = "c5_error17"
    assert "unknown fit 'c5_error17'" in refusal(card, tmp_path)


@pytest.mark.parametrize("first", ["c4", "c4_error17"])
def test_chain_that_leads_back(card, tmp_path, first):
    card["fits"][first]["chain"] = {"back": {"fit": "c4_error17", "axis": "loss"}}
    if first == "c4":
        card["fits"]["c4_error17"]["chain"] = {"back": {"fit": "c4", "axis": "tokens"}}
    assert "is itself chained to" in refusal(card, tmp_path)


@pytest.mark.parametrize(
    ("lends", "problem"),
    [
        ({"c4": "c4"}, "the fit names itself"),
        ({"c4": "redpajama", "redpajama": "c4"}, "itself needs the resamples of"),
        (
            {"c4": "redpajama", "redpajama": "refinedweb", "refinedweb": "c4"},
            "itself needs the resamples of",
        ),
        # The first fit is chained to this one.
        ({"c4_error17": "c4"}, "the fit c4 itself needs the resamples of c4_error17"),
        ({"c4_error17": "redpajama", "redpajama": "c4"}, "itself needs the resamples of"),
    ],
)
def test_lenders_of_a_covariance_that_lead_back(card, tmp_path, lends, problem):
    for fit, lender in lends.items():
        wald = {"wald_against": {"alpha": 0.2}, "covariance_of": lender}
        card["fits"][fit].setdefault("quantities", {})["chi_square"] = wald
    assert problem in refusal(card, tmp_path)


def test_chain_to_a_fit_without_resamples(card, tmp_path):
    card["fits"]["c4_error17"]["resample"] = {"kind": "none", "reason": "Left out."}
    assert "the fit c4_error17 has no resamples" in refusal(card, tmp_path)


def test_target_without_its_kind_of_tolerance(card, tmp_path):
    card["fits"]["c4"]["targets"][0]["tolerance"] = 0.1
    assert "tolerance_kind" in refusal(card, tmp_path)
    card["fits"]["c4"]["targets"][0]["tolerance_kind"] = "relative"
    assert "tolerance_reason" in refusal(card, tmp_path)


def test_law_of_an_unknown_fit(card, tmp_path):
    card["laws"]["c4"]["fits"] = ["c5"]
    assert "unknown fit 'c5'" in refusal(card, tmp_path)


def test_name_differs_from_file(card, tmp_path):
    assert "calls itself 'gadre_2024'" in refusal(card, tmp_path, "other_2024")


def test_file_outside_its_folder(card, tmp_path):
    card["tables"]["losses"]["file"] = "gadre_2024/../../secret.csv"
    refusal(card, tmp_path)


def test_figure_of_an_unknown_fit(card, tmp_path):
    card["figures"]["overtraining"]["fits"] = ["c5"]
    assert "unknown fit 'c5'" in refusal(card, tmp_path)


def test_resolved_fit_holds_what_its_chain_needs(card):
    entry = resolve_fit(StudyCard.model_validate(card), "redpajama")
    assert entry.chain["error17"].law == "error_from_loss"
    assert entry.chain["error17"].response.metric == "error"
    assert entry.targets == ()


@pytest.mark.parametrize("key", ["offline", "choices"])
@pytest.mark.parametrize(
    ("word", "value"), [("true", True), ("False", False), (True, True), (False, False)]
)
def test_a_switch_may_be_typed_on_the_command_line(key, word, value):
    assert getattr(load.load_config({key: word}), key) is value


@pytest.mark.parametrize("word", ["yes", 1, 0, "", None])
def test_a_switch_is_true_or_false(word):
    with pytest.raises(CardError, match="choices"):
        load.load_config({"choices": word})


def test_configuration_has_defaults_and_refuses_unknown_keys():
    assert load.load_config({}).resamples == 4000
    with pytest.raises(CardError, match="did you mean 'resamples'"):
        load.load_config({"resample": 10})
    with pytest.raises(CardError, match="out of range"):
        load.load_config({"resamples": 1})


def test_study_without_a_card():
    with pytest.raises(CardError, match="did you mean 'gadre_2024'"):
        load.load_cards(ROOT / "config/studies", ["gadre_2025"])


def test_every_study_says_its_name_and_topic():
    cards = load.load_cards(ROOT / "config/studies")
    assert [study for study, card in cards.items() if not (card.name and card.topic)] == []
    assert len({card.name for card in cards.values()}) == len(cards)


def isoflop(card: dict, **changes) -> dict:
    """The card with one fit by isoFLOP parabolas."""
    fit = {name: card["fits"]["c4"][name] for name in ("title", "response", "rows")}
    fit |= {"law": "compute_optimal", "estimator": "isoflop"}
    fit["axes"] = {"params": "params_total", "flops": "training_flops"}
    card["fits"]["parabolas"] = fit | changes
    return card


def test_axes_of_an_estimator_are_its_own(card, tmp_path):
    path = tmp_path / "gadre_2024.yaml"
    path.write_text(yaml.safe_dump(isoflop(card)))
    assert load.load_card(path).fits["parabolas"].estimator == "isoflop"
    line = refusal(isoflop(card, axes={"flops": "training_flops"}), tmp_path)
    assert "axis 'params' is missing" in line
    assert "the axes of estimator isoflop are params, flops" in line


@pytest.mark.parametrize(
    ("changes", "problem"),
    [
        ({"law": "additive"}, "estimator isoflop gives the law compute_optimal"),
        ({"fixed": {"a": 0.5}}, "estimator isoflop takes no fixed"),
        ({"bounds": {"a": [0.0, 1.0]}}, "estimator isoflop takes no bounds"),
        ({"starts": [{"G": 1.0, "a": 0.5}]}, "estimator isoflop takes no starts"),
        ({"held_out": "rest"}, "estimator isoflop takes no held_out"),
        ({"objective": {"name": "huber_log"}}, "draws its line by least squares of logarithms"),
        ({"resample": {"kind": "parametric"}}, "estimator isoflop has no parametric bootstrap"),
        ({"estimator": "envelope"}, "needs to know which rows are one training curve"),
    ],
)
def test_what_an_estimator_of_optima_does_not_take(card, tmp_path, changes, problem):
    assert problem in refusal(isoflop(card, **changes), tmp_path)


@pytest.fixture
def folder(card, tmp_path):
    """Cards: one in order, one that reads its rows, one that has no law."""
    broken = copy.deepcopy(card)
    broken["fits"]["c4"]["law"] = "powr"
    reader = copy.deepcopy(card) | {"study": "reader_2024"}
    reader["fits"]["c4"]["source_study"] = "gadre_2024"
    for name, content in (("gadre_2024", card), ("reader_2024", reader), ("broken", broken)):
        text = yaml.safe_dump(content | {"study": name}, sort_keys=False)
        (tmp_path / f"{name}.yaml").write_text(text, encoding="utf-8")
    return tmp_path


def test_a_bad_card_stops_its_own_study_alone(folder):
    cards, refused = load.sound_cards(folder)
    assert sorted(cards) == ["gadre_2024", "reader_2024"]
    assert refused == {"broken": refused["broken"]}
    assert [str(problem) for problem in refused["broken"]] == [
        str(problem) for problem in load.card_problems(folder / "broken.yaml")
    ]


def test_a_study_that_reads_the_rows_of_a_refused_one_is_refused_too(folder):
    (folder / "gadre_2024.yaml").write_text("study: [", encoding="utf-8")
    cards, refused = load.sound_cards(folder)
    assert cards == {} and sorted(refused) == ["broken", "gadre_2024", "reader_2024"]
    assert "as its card is refused. Fix: mend the card" in str(refused["reader_2024"][0])
    with pytest.raises(CardError, match=r"key fits\.c4\.source_study"):
        load.load_cards(folder, ["reader_2024"])


@pytest.mark.parametrize("name", [".#gadre_2024.yaml", "._gadre_2024.yaml", ".yaml", ".a.yaml"])
def test_hidden_files_are_no_cards(folder, name):
    (folder / name).write_bytes(b"\x00\x05\x16\x07")
    assert name.removesuffix(".yaml") not in load.card_paths(folder)
    assert sorted(load.sound_cards(folder)[1]) == ["broken"]


def test_the_name_of_a_page_is_no_study(card, tmp_path):
    card["study"] = "comparisons"
    assert "the name of a page" in refusal(card, tmp_path, "comparisons")


@pytest.mark.parametrize(
    ("name", "inside"),
    [
        ("comparisons", "comparisons"),
        ("comparisons", "another_2020"),
        ("another_2020", "comparisons"),
        ("Comparisons", "Comparisons"),
        ("comparisons{9}", "comparisons{9}"),
        ("comparisons comparisons", "comparisons"),
    ],
)
def test_a_study_with_the_name_of_a_page_stops_no_other(folder, card, name, inside):
    text = yaml.safe_dump(copy.deepcopy(card) | {"study": inside}, sort_keys=False)
    (folder / f"{name}.yaml").write_text(text, encoding="utf-8")
    cards, refused = load.sound_cards(folder)
    assert sorted(cards) == ["gadre_2024", "reader_2024"] and {*refused} == {"broken", name}
    assert "Fix: " in str(refused[name][0])


def test_own_studies_are_run_alone(tmp_path):
    published = Path("config/studies/pearce_2024.yaml").read_text(encoding="utf-8")
    (tmp_path / "pearce_2024.yaml").write_text(published, encoding="utf-8")
    with pytest.raises(CardError, match=r"is of own runs. Fix: .*scaling-studies new"):
        load.load_cards(tmp_path, "own")
    own = published.replace("study: pearce_2024", "study: mine\nown: true")
    (tmp_path / "mine.yaml").write_text(own, encoding="utf-8")
    assert list(load.load_cards(tmp_path, "own")) == ["mine"]
    assert list(load.load_cards(tmp_path)) == ["mine", "pearce_2024"]
