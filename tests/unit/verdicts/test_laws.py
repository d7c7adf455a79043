"""The verdict on a law, and the counts that headlines are made of."""

from __future__ import annotations

from pathlib import Path

import numpy as np
import pandas as pd
import pytest
from card_entries import fit_entry
from fit_artefacts import artefact, uncertainty
from simulated_artefacts import CARD, STUDY, write_artefacts
from simulated_pages import Page, index_page

from scaling_studies import figures
from scaling_studies.artefacts import files
from scaling_studies.cards.models.figure import FigureEntry
from scaling_studies.cards.models.study import LawEntry, Sentence
from scaling_studies.errors import CardError
from scaling_studies.verdicts.counts import by_evidence, laws_sentence, refits_sentence, tally
from scaling_studies.verdicts.facts import Facts
from scaling_studies.verdicts.laws import SCHEMA, law_rows, law_table, laws_of, verdict_on_law


def number(verdict: str = "exact", role: str = "constant", **changes) -> dict:
    return {
        "study": "s",
        "fit": "law",
        "quantity": "alpha",
        "verdict": verdict,
        "role": role,
        "evidence": "refit",
        "counted": True,
        "reason": "Why.",
    } | changes


JOINT = {"quantity": "all_constants", "role": "headline"}


@pytest.mark.parametrize(
    ("rows", "verdict", "part"),
    [
        ([], "cannot_be_tested", ""),
        ([number()], "comes_back", ""),
        ([number(), number("compatible", "prediction")], "comes_back", ""),
        ([number("does_not_come_back")], "does_not_come_back", ""),
        ([number("not_an_optimum"), number("does_not_come_back")], "does_not_come_back", ""),
        (
            [number(), number("does_not_come_back")],
            "in_part",
            "1 of its 2 constants",
        ),
        (
            [number("not_an_optimum", **JOINT), number(), number("exact", "prediction")],
            "in_part",
            "all of its 1 predictions",
        ),
        ([number("not_an_optimum", **JOINT), number()], "does_not_come_back", ""),
        ([number("same", **JOINT), number()], "comes_back", ""),
        # What decides nothing.
        ([number(), number("does_not_come_back", "statistic")], "comes_back", ""),
        ([number(), number("does_not_come_back", counted=False)], "comes_back", ""),
        ([number(), number("cannot_be_tested")], "comes_back", ""),
        ([number(evidence="arithmetic", role="consistency")], "cannot_be_tested", ""),
    ],
)
def test_constants_and_predictions_make_a_law(rows, verdict, part):
    assert verdict_on_law(rows) == (verdict, part)


def rows_of(law: LawEntry, *verdicts: dict, choices=(), facts: Facts | None = None) -> dict:
    facts = facts or Facts({"law": artefact(fit="law")}, {"law": uncertainty()})
    (row,) = law_rows("s", {"it": law}, {}, facts, verdicts, {}, choices)
    return row


LAW = LawEntry(name="A law", fits=("law",), sentences=())


@pytest.mark.parametrize(
    ("verdicts", "sentence"),
    [
        ([number()], "The one published number comes back."),
        ([number(), number("compatible")], "Both published numbers come back, 1 as printed."),
        ([number("same")] * 3, "All 3 published numbers come back."),
        ([number("does_not_come_back")], "The one published number does not come back."),
        ([number("not_an_optimum", **JOINT), number("same")], "Why."),
        ([], "Nothing was published that a refit could be held against."),
        (
            [number(evidence="arithmetic", role="consistency")],
            "Nothing was published that a refit could be held against. The one check of its "
            "printed arithmetic holds.",
        ),
        (
            [number(evidence="arithmetic", role="consistency")] * 2,
            "Nothing was published that a refit could be held against. Both checks of its printed "
            "arithmetic hold.",
        ),
        (
            [number("does_not_come_back", evidence="arithmetic", role="consistency")] * 3
            + [number(evidence="arithmetic", role="consistency")],
            "Nothing was published that a refit could be held against. Of 4 checks of its printed "
            "arithmetic 1 holds.",
        ),
        (
            [number(), number("does_not_come_back")],
            "1 of its 2 constants comes back, the rest does not.",
        ),
    ],
)
def test_a_law_is_counted_in_a_sentence(verdicts, sentence):
    row = rows_of(LAW, *verdicts)
    assert row["sentence"] == sentence and list(row) == SCHEMA.names
    assert law_table([row]).to_pylist() == [row]


def test_headline_laws_are_those_of_the_card_or_else_its_fits_with_a_headline():
    entries = {"main": fit_entry(headline=["alpha"]), "other": fit_entry()}
    titles = {"main": "The main fit", "other": "Another"}
    found = laws_of(entries, {}, titles)
    assert {law: (entry.name, entry.fits) for law, entry in found.items()} == {
        "main": ("The main fit", ("main",))
    }
    assert laws_of(entries, {"it": LAW}, titles) == {"it": LAW}


def test_a_law_without_runs_says_so():
    facts = Facts({"law": artefact(fit="law", estimator="printed", n=0)}, {"law": uncertainty()})
    assert rows_of(LAW, facts=facts)["sentence"].startswith("No run is public")


def test_the_first_sentence_of_the_card_that_holds_is_said():
    sentences = (
        Sentence(when="{law.alpha} > 0.4", say="Steep."),
        Sentence(when="0.3 < {law.alpha} and not {law.n} < 100", say="α is {law.alpha:.2f}."),
        Sentence(say="Never."),
    )
    law = LawEntry(name="A law", fits=("law",), sentences=sentences)
    assert rows_of(law, number())["sentence"] == "α is 0.35."
    of_another = (Sentence(verdict="does_not_come_back", say="Wrong."), *sentences)
    law = LawEntry(name="A law", fits=("law",), sentences=of_another)
    assert rows_of(law, number())["sentence"] == "α is 0.35."
    assert rows_of(law, number("does_not_come_back"))["sentence"] == "Wrong."
    with pytest.raises(CardError, match=r"laws.it.sentences.*no number"):
        rows_of(LawEntry(name="A", fits=("law",), sentences=(Sentence(say="{law.x}"),)))
    with pytest.raises(CardError, match="no statement"):
        wrong = (Sentence(when="{law.alpha} + 1", say="?"),)
        rows_of(LawEntry(name="A", fits=("law",), sentences=wrong))


def choice(inside: float | None, fit: str = "law", usable: int = 9) -> dict:
    return {"fit": fit, "usable": usable, "inside": inside}


@pytest.mark.parametrize(
    ("choices", "mark"),
    [
        ([], None),
        ([choice(1.0, "other")], None),
        ([choice(None)], None),
        ([choice(1.0, usable=0)], None),
        ([choice(0.9)], "yes"),
        ([choice(0.49)], "no"),
        ([choice(1.0), choice(0.5)], "partly"),
        ([choice(1.0), choice(None)], "yes"),
    ],
)
def test_a_law_stands_choices_as_far_as_its_interval_holds_them(choices, mark):
    assert rows_of(LAW, choices=choices)["stands_choices"] == mark


def test_kinds_of_evidence_are_never_added_up():
    rows = [
        number(),
        number("compatible", fit="b"),
        number("does_not_come_back", fit="b"),
        number("not_an_optimum", fit="c", **JOINT),
        number("does_not_come_back", "statistic", fit="d"),
        number(evidence="arithmetic", role="consistency", fit="e"),
        number("does_not_come_back", evidence="arithmetic", role="consistency", fit="e"),
        number(evidence="evaluation", fit="f"),
        number(counted=False, fit="g"),
    ]
    assert tally(rows) == {
        "studies": 1,
        "fits": 3,
        "fits_back": 1,
        "numbers": 3,
        "numbers_back": 2,
        "arithmetic": 2,
        "arithmetic_back": 1,
    }
    kinds = by_evidence(rows)
    assert list(kinds) == ["refit", "evaluation", "arithmetic"]
    assert kinds["refit"]["exact"] == 1 and sum(kinds["refit"].values()) == 4
    assert refits_sentence(rows, 9) == (
        "Published constants could be refitted from runs in 1 of 9 studies: 1 of 3 fits return "
        "them (2 of 3 numbers, statistics of the fits aside). Of 2 checks of printed arithmetic "
        "1 holds."
    )
    assert refits_sentence([]) == "No published number could be tested."


def test_page_figure_and_table_count_the_same_laws(tmp_path: Path) -> None:
    """A refit that moves changes the sentence, the figure's data and the table together."""

    def shown() -> tuple[str, pd.DataFrame, list[dict]]:
        laws = files.read_rows(tmp_path / "laws.parquet")
        entry = FigureEntry.model_validate(
            {
                "kind": "verdict_matrix",
                "title": "{laws.comes_back:d} of {laws.tested:d}",
                "caption": "c",
                "alt": "a",
            }
        )
        inputs = figures.Inputs(tables={"laws": tmp_path / "laws.parquet"})
        context = figures.load(None, "verdicts", entry, inputs)
        _, data = figures.draw(context)
        page = Page(index_page(tmp_path)).text
        assert laws_sentence(laws) in page
        assert list(data["verdict"]) == [law["verdict"] for law in laws]
        back = sum(law["verdict"] == "comes_back" for law in laws)
        tested = sum(law["verdict"] != "cannot_be_tested" for law in laws)
        assert context.title == f"{back} of {tested}"
        return page, data, laws

    write_artefacts(tmp_path)
    page, data, laws = shown()
    assert laws[0]["study"] == STUDY and set(CARD["laws"]) == {"additive", "printed"}
    rows = files.read_rows(tmp_path / "laws.parquet")
    rows[0]["verdict"] = next(
        word for word in ("comes_back", "does_not_come_back") if word != rows[0]["verdict"]
    )
    files.write_parquet(tmp_path / "laws.parquet", law_table(rows), {"rule": "simulate"})
    other_page, other_data, other = shown()
    assert other != laws and other_page != page and not other_data.equals(data)


@pytest.mark.parametrize(
    ("record", "mark", "said"),
    [
        (
            [(3.0, 10, 10), (10.0, 10, 9), (100.0, 10, 0)],
            "yes",
            "19 of 20 predictions up to 10 times larger and 0 of 10 beyond",
        ),
        (
            [(3.0, 10, 10), (10.0, 10, 2), (100.0, 10, 10)],
            "partly",
            "12 of 20 predictions up to 10 times larger and 10 of 10 beyond",
        ),
        ([(3.0, 10, 1)], "no", "1 of 10 predictions up to 10 times larger"),
        ([(3.0, 1, 1)], "yes", "1 of 1 prediction up to 10 times larger"),
        # Only far away, where no plan asks.
        ([(100.0, 9, 9), (np.inf, 1, 1)], None, "10 of 10 predictions more than 10 times larger"),
    ],
)
def test_roll_outs_say_whether_and_how_far_a_law_extrapolates(record, mark, said):
    facts = Facts({"law": artefact(fit="law")}, {"law": uncertainty()})
    points = {"law": {"role": np.array(["fit"] * 9), "params": np.geomspace(1e7, 1e9, 9)}}
    points["law"]["relative_residual"] = np.zeros(9)
    entries = {"law": fit_entry(law="additive", axes={"params": "params_total"})}
    (row,) = law_rows("s", {"it": LAW}, entries, facts, [], points, (), {"law": record})
    assert row["extrapolates"] == mark and said in row["reach"]
    assert row["reach"].startswith("9 runs: 10M to 1B parameters; ")


def test_a_card_says_what_is_fitted_and_what_its_axes_count():
    facts = Facts({"law": artefact(fit="law")}, {"law": uncertainty()})
    points = {"law": {"role": np.array(["fit"] * 3), "params": np.array([1.0, 3.0, 512.0])}}
    points["law"]["relative_residual"] = np.zeros(3)
    entries = {"law": fit_entry(law="additive", axes={"params": "params_total"})}
    law = LAW.model_copy(update={"points": "nets", "axes": {"params": "blocks"}})
    (row,) = law_rows("s", {"it": law}, entries, facts, [], points, ())
    assert row["reach"] == "3 nets: 1 to 512 blocks"
    law = LAW.model_copy(update={"axes": {"parms": "blocks"}})
    with pytest.raises(CardError, match=r"laws.it.axes.*'parms'.*use params, tokens"):
        law_rows("s", {"it": law}, entries, facts, [], points, ())


def test_an_axis_that_is_another_measurement_is_called_after_it():
    facts = Facts({"law": artefact(fit="law")}, {"law": uncertainty()})
    points = {"law": {"role": np.array(["fit"] * 3), "x": np.array([1.0, 3.0, 64.0])}}
    points["law"]["relative_residual"] = np.zeros(3)
    axes = {"x": {"metric": "predicted_rank", "eval_set": "web"}}
    entries = {"law": fit_entry(law="line", axes=axes)}
    (row,) = law_rows("s", {"it": LAW}, entries, facts, [], points, ())
    assert row["reach"] == "3 runs: 1 to 64 predicted rank"


def test_the_evidence_on_a_law_is_that_of_its_constants_and_predictions():
    statistic = number(role="statistic")
    evaluated = number(role="prediction", evidence="evaluation")
    printed = number(evidence="arithmetic", role="consistency")
    assert rows_of(LAW, statistic, evaluated)["evidence"] == "evaluation"
    assert rows_of(LAW, printed)["evidence"] == "arithmetic"
    assert rows_of(LAW, statistic, printed)["evidence"] == "refit"
    assert rows_of(LAW)["evidence"] is None


@pytest.mark.parametrize(
    ("back", "sentence"),
    [
        (1, "1 comes back from its own data, 0 in part, 1 does not, and 0 cannot be tested."),
        (2, "2 come back from their own data, 0 in part, 1 does not, and 0 cannot be tested."),
    ],
)
def test_one_law_comes_and_two_come_back(back, sentence):
    laws = [{"verdict": "comes_back"}] * back + [{"verdict": "does_not_come_back"}]
    assert laws_sentence(laws) == f"Of {back + 1} published laws, {sentence}"


def test_one_study_is_no_studies():
    assert refits_sentence([number()]) == (
        "Published constants could be refitted from runs in 1 of 1 study: 1 of 1 fit returns them "
        "(1 of 1 number, statistics of the fits aside)."
    )
