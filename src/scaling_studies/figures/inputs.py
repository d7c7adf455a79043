"""Artefacts that figures are drawn from, each read once."""

from __future__ import annotations

from collections.abc import Callable, Mapping, Sequence
from pathlib import Path
from typing import Any

from scaling_studies.artefacts import files


class Inputs:
    """Artefacts that figures may be drawn from; each is read once, when a figure first needs it.

    Parameters
    ----------
    fits, points, resamples, intervals
        Files of the fits of one study, called ``<fit>.json`` or ``<fit>.points.parquet`` and so on.
    tables
        Files over all studies by name: exponents, allocation, held_out, verdicts, laws, fits.
    """

    def __init__(
        self,
        fits: Sequence[str | Path] = (),
        points: Sequence[str | Path] = (),
        resamples: Sequence[str | Path] = (),
        intervals: Sequence[str | Path] = (),
        tables: Mapping[str, str | Path] | None = None,
    ) -> None:
        self.fits, self.points = _by_fit(fits, ".json"), _by_fit(points, ".points.parquet")
        self.resamples = _by_fit(resamples, ".parquet")
        self.intervals = _by_fit(intervals, ".json")
        self.tables = {name: str(path) for name, path in (tables or {}).items()}
        self._read: dict[str, Any] = {}

    def read(self, path: str, reader: Callable[[str], Any] = files.read_parquet) -> Any:
        """Content of one of the files, checked against its checksum."""
        if path not in self._read:
            self._read[path] = reader(path)
        return self._read[path]


def _by_fit(paths: Sequence[str | Path], ending: str) -> dict[str, str]:
    return {Path(path).name.removesuffix(ending): str(path) for path in paths}
