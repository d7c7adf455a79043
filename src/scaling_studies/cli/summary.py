"""Say where the report is and how many published numbers came back."""

from __future__ import annotations

from pathlib import Path

from scaling_studies.artefacts import files, logs
from scaling_studies.verdicts.judge import OWN_REFIT


def summary(verdicts: str | Path, report: str | Path) -> str:
    """Two lines for the end of a run.

    Parameters
    ----------
    verdicts
        Table of verdicts.
    report
        First page of the report.

    Returns
    -------
    str
    """
    table = files.read_parquet(verdicts)
    own = table["confirmation"] == OWN_REFIT
    counts = table.loc[~own, "verdict"].value_counts()
    judged = int(counts.sum())
    came_back = int(counts.get("reproduced", 0))
    rest = ", ".join(
        f"{counts[name]} {name.replace('_', ' ')}"
        for name in sorted(counts.index)
        if name != "reproduced"
    )
    line = f"{came_back} of {judged} published numbers came back from their own data" + (
        f" ({rest})" if rest else ""
    )
    if own.any():
        line += f", {int(own.sum())} reference values of our own not counted"
    return f"{line}.\nReport: {Path(report).resolve()}"


if __name__ == "__main__":
    logs.start(None)
    print(summary("results/verdicts.parquet", "reports/index.html"))
