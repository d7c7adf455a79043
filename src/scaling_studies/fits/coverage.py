"""How often the intervals of each fit held the truth: the record that ``make calibrate`` writes."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

from scaling_studies.errors import ArtefactError

if TYPE_CHECKING:
    from pathlib import Path

#: Columns of the record.
COLUMNS = ("study", "fit", "quantity", "tables", "resamples", "held")


def coverage_of(path: str | Path, study: str) -> list[dict[str, Any]]:
    """Rows of the record that are about one study.

    Raises
    ------
    ArtefactError
        The file is no such record.
    """
    import pandas as pd

    frame = pd.read_csv(path)
    missing = [name for name in COLUMNS if name not in frame]
    if missing:
        raise ArtefactError(
            f"{path} lacks the column {missing[0]}", fix="write it anew with `make calibrate`"
        )
    return frame[frame["study"] == study].to_dict("records")  # type: ignore[return-value]
