"""Write a figure as SVG, PNG, CSV and JSON, the same bytes for the same figure."""

from __future__ import annotations

import hashlib
import io
from pathlib import Path
from typing import TYPE_CHECKING, Any

from scaling_studies.artefacts import files
from scaling_studies.figures.dark import dark
from scaling_studies.figures.drawing import style

if TYPE_CHECKING:
    import pandas as pd
    from matplotlib.figure import Figure

PNG_DPI = 200
SUFFIXES = (".svg", "-dark.svg", ".png", ".csv")


def save(figure: Figure, frame: pd.DataFrame, meta: dict[str, Any], stem: str | Path) -> None:
    """Write ``<stem>.svg``, ``<stem>-dark.svg``, ``.png``, ``.csv`` and ``.json``.

    Notes
    -----
    The SVG is for pages, which set the heading as text of their own: it has a transparent
    ground and leaves the heading out. The PNG is for slides: white
    ground, heading included.
    """
    stem = Path(stem)
    heading = [text for text in figure.texts if text.get_gid() == "heading"]
    panels = _panels(figure)
    with style.style():
        # Panels are laid out once, so that both files are alike and neither is drawn twice.
        figure.set_dpi(PNG_DPI)
        style.lay_out(figure)
        figure.set_layout_engine(None)
        png = _render(figure, "png", dpi=PNG_DPI, facecolor="white", metadata={"Software": None})
        for text in heading:
            text.set_visible(False)
        about = {"Title": meta["title"], "Description": meta["alt"], "Date": None, "Creator": None}
        svg = _render(figure, "svg", bbox_inches=panels, metadata=about)
        for text in heading:
            text.set_visible(True)
    table = frame.to_csv(index=False, lineterminator="\n").encode()
    contents = zip(SUFFIXES, (svg, dark(svg), png, table), strict=True)
    written = {f"{stem.name}{suffix}": data for suffix, data in contents}
    for name, data in written.items():
        files.write_bytes(stem.with_name(name), data, checksum=False)
    size = {"width": round(96 * panels.width), "height": round(96 * panels.height)}
    checksums = {name: hashlib.sha256(data).hexdigest() for name, data in written.items()}
    files.write_json(
        stem.with_name(f"{stem.name}.json"), meta | size | {"dark": True, "files": checksums}
    )


def _render(figure: Figure, kind: str, **options: Any) -> bytes:
    buffer = io.BytesIO()
    figure.savefig(buffer, format=kind, **options)
    return buffer.getvalue()


def _panels(figure: Figure) -> Any:
    """Bounding box in inches of the figure without its heading."""
    from matplotlib.transforms import Bbox

    width, height = figure.get_size_inches()
    engine = figure.get_layout_engine()
    share = engine.get()["rect"][3] if engine is not None else 1.0
    return Bbox([[0.0, 0.0], [width, height * share]])
