"""Say where the report is and which published laws came back."""

from __future__ import annotations

from pathlib import Path

from scaling_studies.artefacts import files, logs
from scaling_studies.verdicts.counts import laws_sentence, refits_sentence


def summary(verdicts: str | Path, laws: str | Path, report: str | Path) -> str:
    """Lines for the end of a run: the laws, the numbers behind them, and the report.

    Parameters
    ----------
    verdicts, laws
        Tables of verdicts on numbers and on laws.
    report
        First page of the report.

    Returns
    -------
    str
    """
    lines = [
        laws_sentence(files.read_rows(laws)),
        refits_sentence(files.read_rows(verdicts)),
        f"Report: {Path(report).resolve()}",
    ]
    return "\n".join(lines)


if __name__ == "__main__":
    logs.start(None)
    print(summary("results/verdicts.parquet", "results/laws.parquet", "reports/index.html"))
