"""What the checks say of the studies: an independent review judged each of these by hand."""

from __future__ import annotations

import json
import re
from pathlib import Path

import pytest

from scaling_studies import registry
from scaling_studies.fits.uncertainty import DIFFERENT

#: Printed numbers that do not follow from others; differences that rounding explains are none.
DO_NOT_FOLLOW = {
    ("hoffmann_2022", "approach_1", "flops_6nd_67b"),
    ("hoffmann_2022", "approach_1", "text_flops_175b"),
    ("hestness_2019", "speech", "data_growth"),
    ("hestness_2019", "speech", "model_growth"),
    ("kaplan_2020", "params_and_steps", "alpha_C_min_section_6_2"),
    ("llama3_2024", "optimal_tokens_text", "tokens_from_text"),
    ("karpathy_2026_nanochat", "all_parameters_tokens", "b_opt"),
    ("karpathy_2026_nanochat", "projections_with_lm_head", "a_opt"),
    ("karpathy_2026_nanochat", "projections_with_lm_head_tokens", "b_opt"),
    ("karpathy_2026_nanochat", "transformer_projections", "a_opt"),
    ("karpathy_2026_nanochat", "transformer_projections_tokens", "b_opt"),
    ("llama3_2024", "optimal_tokens_figure", "flops_6nd"),
    ("llama3_2024", "optimal_tokens_figure", "exponent_in_text"),
}


class Findings(list[dict]):
    """Findings of all studies, each with its study."""

    def of(self, study: str, check: str, fit: str | None = None) -> list[dict]:
        """Those of a check on a study, or on one fit."""
        known = [item for item in self if (item["study"], item["check"]) == (study, check)]
        return known if fit is None else [item for item in known if item["fit"] == fit]


@pytest.fixture(scope="module")
def findings(whole_run: Path) -> Findings:
    """Of the finished run."""
    records = [
        json.loads(path.read_text(encoding="utf-8"))
        for path in (whole_run / "results/checks").glob("*.json")
    ]
    return Findings(
        item | {"study": record["study"]} for record in records for item in record["findings"]
    )


def severities(found: list[dict]) -> set[str]:
    return {item["severity"] for item in found}


def test_every_check_has_something_to_say_of_some_study(findings):
    assert {item["check"] for item in findings} == {*registry.names("checks")}


def test_hoffmann_s_law_fails_on_its_own_page_and_is_no_reproach_to_its_replication(findings):
    (finding,) = findings.of("hoffmann_2022", "early_stop", "approach_3_published")
    assert finding["severity"] == "fail" and "20.9" in finding["text"]
    (beside,) = findings.of("besiroglu_2024", "early_stop", "hoffmann_published")
    assert beside["severity"] == "info" and "another study's" in beside["text"]


@pytest.mark.parametrize("study", ["besiroglu_2024", "hoffmann_2022"])
def test_chinchilla_s_points_are_known_to_depend_on_their_budget(findings, study):
    texts = [item["text"] for item in findings.of(study, "dependent_rows")]
    assert any("one compute budget (37 groups) miss the law together" in text for text in texts)
    assert not any("group of its own" in text for text in texts)


def test_widths_that_differ_by_more_than_a_quarter_are_not_said_to_agree(findings):
    said = [item for item in findings if "profile likelihood agree" in item["text"]]
    for item in said:
        ratios = map(float, re.findall(r"\d+\.?\d*", item["text"].split("ratio")[1]))
        assert all(1 / DIFFERENT - 0.01 <= ratio <= DIFFERENT + 0.05 for ratio in ratios)


def test_the_printed_interval_of_approach_3_is_too_narrow_even_as_wide_as_rounding_allows(findings):
    (finding,) = [
        item
        for item in findings.of("hoffmann_2022", "interval_plausibility", "approach_3")
        if item["severity"] == "fail"
    ]
    # Single points would give half of what whole budgets do.
    assert 35 < finding["value"] < 70 and "at least" in finding["text"]


def test_printed_numbers_that_do_not_follow_are_these_and_no_others(findings):
    audited = [item for item in findings if item["check"] == "published_table_audit"]
    apart = {
        (item["study"], item["fit"], item["quantity"])
        for item in audited
        if item["severity"] == "warning"
    }
    assert apart == DO_NOT_FOLLOW


def test_rows_that_reject_the_step_law_s_rate_do_not_leave_it_open(findings):
    (finding,) = findings.of("li_2025_steplaw", "early_stop", "published_learning_rate")
    assert finding["severity"] == "warning"
    assert float(finding["text"].split("p = ")[1].rstrip(".")) == pytest.approx(0.022, abs=0.006)


def test_repetition_s_local_optimum_ridge_and_base_law_are_told(findings):
    of = "muennighoff_2023"
    assert "fail" in severities(findings.of(of, "early_stop", "data_constrained"))
    assert "fail" in severities(findings.of(of, "ill_conditioning"))
    (base,) = findings.of(of, "early_stop", "base_published")
    assert base["severity"] == "warning" and "7.5 times" in base["text"]


def test_no_search_that_converged_was_reached_by_one_start_alone(findings):
    alone = [item for item in findings if "starts ended at the best objective" in item["text"]]
    assert alone == []
    assert severities(findings.of("jones_2021", "early_stop")) == {"info"}


def test_five_runs_for_four_parameters_leave_the_asymptote_open(findings):
    for fit in ("c4", "redpajama", "refinedweb"):
        (finding,) = findings.of("gadre_2024", "unidentified_asymptote", fit)
        assert finding["severity"] == "warning" and "every value down to 0" in finding["text"]
    assert severities(findings.of("gadre_2024", "interval_plausibility")) == {"info"}


def test_intervals_that_the_authors_own_draws_contradict_are_not_called_lower_bounds(findings):
    porian = [item["text"] for item in findings if item["study"] == "porian_2024"]
    assert porian and not any("lower bound" in text for text in porian)


def test_laws_without_a_term_are_no_choice_of_the_same_law(findings):
    told = [item for item in findings if item["check"] == "choice_sensitivity"]
    # What combinations of choices do to one fit is another matter, told where they were tried.
    between = [item for item in told if not item["text"].startswith("Under ")]
    assert between
    assert not [i for i in between if i["study"] == "clark_2022" and i["severity"] == "warning"]


def test_gemstones_wide_answers_are_told_as_wide(findings):
    bounded = findings.of("gemstones_2025", "unidentified_asymptote")
    assert max(item["value"] or 0.0 for item in bounded) > 0.1
    advice = findings.of("gemstones_2025", "ill_conditioning", "hot_delta_1e-3")
    assert any("Tokens per parameter" in item["text"] for item in advice)
    assert severities(advice) == {"warning"}


def test_measurements_that_two_studies_fit_are_named_in_both(findings):
    for study in ("besiroglu_2024", "hoffmann_2022"):
        texts = [item["text"] for item in findings.of(study, "duplicate_points")]
        assert any("published more than once" in text for text in texts)


def test_what_the_review_found_true_is_still_told(findings):
    assert any("6ND" in item["text"] for item in findings.of("bhagia_2024", "flop_convention"))
    assert "warning" in severities(findings.of("luo_2025", "early_stop"))
    assert "warning" in severities(findings.of("hoffmann_2022", "rounded_parameters"))
    assert findings.of("caballero_2022", "extrapolation_rank")


def test_minima_outside_the_sizes_that_were_trained_are_told(findings):
    for fit in ("isoflop_refinedweb_kaplan", "isoflop_openwebtext2_kaplan"):
        (finding,) = findings.of("porian_2024", "parabola_bias", fit)
        assert finding["severity"] == "warning" and finding["value"] == 3.0
    for fit in ("isoflop_refinedweb_tuned", "isoflop_openwebtext2_tuned"):
        (finding,) = findings.of("porian_2024", "parabola_bias", fit)
        assert finding["severity"] == "info"
