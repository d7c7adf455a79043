"""The last lines of a run."""

from __future__ import annotations

from scaling_studies.artefacts import files
from scaling_studies.cli.summary import summary
from scaling_studies.verdicts.columns import SCHEMA, verdict_table
from scaling_studies.verdicts.laws import law_table

EMPTY = dict.fromkeys(SCHEMA.names)
LAW = dict.fromkeys(("fit", "law", "name", "part", "evidence", "stands_choices", "extrapolates"))


def number(verdict: str, evidence: str = "refit") -> dict:
    return EMPTY | {
        "study": "a",
        "fit": "law",
        "quantity": "alpha",
        "verdict": verdict,
        "evidence": evidence,
        "role": "constant" if evidence == "refit" else "consistency",
        "counted": True,
    }


def test_the_last_lines_are_about_laws_and_refits_and_add_nothing_up(tmp_path):
    verdicts = [number("exact"), number("does_not_come_back"), number("exact", "arithmetic")]
    laws = [
        LAW | {"study": study, "reach": None, "sentence": "", "verdict": verdict}
        for study, verdict in (("a", "in_part"), ("b", "comes_back"), ("c", "cannot_be_tested"))
    ]
    paths = tmp_path / "verdicts.parquet", tmp_path / "laws.parquet"
    files.write_parquet(paths[0], verdict_table(verdicts), {})
    files.write_parquet(paths[1], law_table(laws), {})
    lines = summary(*paths, tmp_path / "index.html").splitlines()
    assert lines == [
        "Of 3 published laws, 1 comes back from its own data, 1 in part, 0 do not, and 1 cannot "
        "be tested.",
        "Published constants could be refitted from runs in 1 of 1 study: 0 of 1 fit returns them "
        "(1 of 2 numbers, statistics of the fits aside). Of 1 check of printed arithmetic 1 holds.",
        f"Report: {tmp_path / 'index.html'}",
    ]
