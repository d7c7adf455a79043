"""What runs again after a change, and what does not."""

from __future__ import annotations

import yaml

COMPARISONS = {
    "collect_fits",
    "collect_verdicts",
    "compare_agreement",
    "compare_allocation",
    "compare_choices",
    "compare_exponents",
    "compare_forecasts",
    "compare_held_out",
    "compare_replicates",
    "map_runs",
    "judge_claims",
    "plot_comparisons",
    "render_agreement",
    "render_allocation",
    "render_claims",
    "render_choices",
    "render_comparisons",
    "render_extrapolation",
    "render_index",
    "render_numbers",
}


def of_other_studies(plan: dict[str, list[str]], study: str) -> list[str]:
    """Messages of planned jobs that belong to another study."""
    return [text for texts in plan.values() for text in texts if not text.endswith(f"of {study}")]


def test_second_run_has_nothing_to_do(finished):
    done = finished.run("-n")
    assert "Nothing to be done" in done.stdout + done.stderr


def test_touched_files_do_not_run_again(project):
    for path in [*project.folder.glob("config/studies/*.yaml"), *project.folder.glob("data/*/*")]:
        path.touch()
    done = project.run("-n")
    assert "Nothing to be done" in done.stdout + done.stderr


def test_edited_fit_reruns_its_study_and_the_comparisons(project):
    project.edit("config/studies/hestness_2019.yaml", "{A: 13.0,", "{A: 13.1,")
    plan = project.planned()
    assert plan["fit_laws"] == ["Fitting 5 laws of hestness_2019"]
    assert of_other_studies(plan, "hestness_2019") == []
    assert set(plan) <= COMPARISONS | {
        "fit_laws",
        "resample_fit",
        "vary_choices",
        "roll_out",
        "judge_targets",
        "plot_figures",
        "render_study",
    }


def test_edited_text_of_a_card_reruns_pages_only(project):
    project.edit("config/studies/hestness_2019.yaml", "question: How", "question: By how")
    assert set(project.planned()) == {"render_study", "render_index", "render_numbers"}


def test_edited_table_reruns_its_study_and_the_comparisons(project):
    project.edit("data/hestness_2019/table1.csv", "768000000", "768000001")
    plan = project.planned()
    assert plan["normalize_runs"] == ["Normalising the run tables of hestness_2019"]
    assert len(plan["fit_laws"]) == 1
    assert of_other_studies(plan, "hestness_2019") == []


def test_new_card_runs_that_study_and_the_comparisons(project):
    card = yaml.safe_load((project.folder / "config/studies/hestness_2019.yaml").read_text())
    card["study"] = "student_2026"
    path = project.folder / "config/studies/student_2026.yaml"
    path.write_text(yaml.safe_dump(card, sort_keys=False))
    wider = type(project)(project.folder, (*project.studies, "student_2026"), project.resamples)
    plan = wider.planned()
    assert of_other_studies(plan, "student_2026") == []
    assert len(plan["fit_laws"]) == 1


def test_edited_solver_reruns_fits_but_not_normalisation(project):
    path = project.folder / "src/scaling_studies/engine/search/solve.py"
    path.write_text(path.read_text() + "\n# edited\n")
    plan = project.planned()
    assert "normalize_runs" not in plan
    assert {"fit_laws", "resample_fit"} <= set(plan)


def test_edited_law_reruns_its_own_fits_only(project):
    path = project.folder / "src/scaling_studies/laws/power.py"
    path.write_text(path.read_text() + "\n# edited\n")
    plan = project.planned()
    assert of_other_studies({"fit_laws": plan["fit_laws"]}, "hestness_2019") == []
    assert len(plan["fit_laws"]) == 1


def test_edited_contract_reruns_normalisation(project):
    path = project.folder / "src/scaling_studies/runs/units.py"
    path.write_text(path.read_text() + "\n# edited\n")
    assert len(project.planned()["normalize_runs"]) == 2


def test_edited_plot_code_refits_nothing(project):
    path = project.folder / "src/scaling_studies/figures/drawing/style.py"
    path.write_text(path.read_text() + "\n# edited\n")
    plan = project.planned()
    assert "plot_figures" in plan
    assert not {"normalize_runs", "fit_laws", "resample_fit", "judge_targets"} & set(plan)


def test_edited_figure_redraws_the_figures_of_its_study_alone(project):
    project.edit(
        "config/studies/hoffmann_2022.yaml", "kind: residuals", "kind: residuals\n    key: true"
    )
    plan = project.planned()
    assert plan["plot_figures"] == ["Drawing 3 figures of hoffmann_2022"]
    assert set(plan) <= {"plot_figures", "render_study", "render_numbers", "render_index"}


def test_edited_check_judges_again_and_refits_nothing(project):
    path = project.folder / "src/scaling_studies/checks/kinds/early_stop.py"
    path.write_text(path.read_text() + "\n# edited\n")
    plan = project.planned()
    assert "judge_targets" in plan
    assert not {"normalize_runs", "fit_laws", "resample_fit"} & set(plan)


def test_edited_template_renders_pages_only(project):
    path = next((project.folder / "src/scaling_studies/pages/templates").glob("*.css"))
    path.write_text(path.read_text() + "\n/* edited */\n")
    assert set(project.planned()) == {
        "render_study",
        "render_index",
        "render_agreement",
        "render_allocation",
        "render_claims",
        "render_choices",
        "render_comparisons",
        "render_extrapolation",
        "render_glossary",
        "render_numbers",
    }
