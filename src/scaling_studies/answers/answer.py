"""What every answer has: its part for programs, its text, its page and its figure."""

from __future__ import annotations

from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass, field
from functools import cached_property
from html import escape
from pathlib import Path
from typing import TYPE_CHECKING, Any

from scaling_studies.answers.estimate import Estimate, finite

if TYPE_CHECKING:
    from matplotlib.figure import Figure

    from scaling_studies.answers.picture import Picture

TEMPLATES = Path(__file__).with_name("templates")
#: Wide and narrow drawing of a page's figure, in pixels.
SIZES = ((720, 400), (350, 300))


@dataclass(frozen=True)
class Table:
    """A table of an answer: a caption, heads of columns, and rows of text."""

    caption: str
    heads: Sequence[str]
    rows: Sequence[Sequence[str]]

    def lines(self) -> list[str]:
        """As text with aligned columns."""
        table = [list(self.heads), *(list(row) for row in self.rows)]
        widths = [max(len(row[column]) for row in table) for column in range(len(self.heads))]
        padded = (
            "  ".join(cell.ljust(n) for cell, n in zip(row, widths, strict=True)) for row in table
        )
        return [self.caption, *(f"  {line}".rstrip() for line in padded)]


@dataclass(frozen=True)
class Answer:
    """An answer to a question about runs.

    Attributes
    ----------
    title
        The answer in a sentence.
    source
        Name of the file.
    law
        Name of the law that it rests on.
    n
        Rows that were fitted.
    parameters
        Constants of the law by name.
    objective_value, converged, identified
        Of the fit; no objective value where nothing was minimised.
    warnings
        Sentences that a reader must see before using the numbers.
    notes
        How the table was read.
    tables
        For people.
    part
        What the command adds to the object for programs.
    draws
        Makes the figure, which only pages and notebooks need; None without one.

    Examples
    --------
    >>> answer = Answer("It is so.", "runs.csv", "power", 9, {}, 0.1, True, True)
    >>> answer.to_json()["answer"], answer.text()
    ('It is so.', 'It is so.')
    """

    title: str
    source: str
    law: str
    n: int
    parameters: Mapping[str, Estimate]
    objective_value: float | None
    converged: bool
    identified: bool
    warnings: tuple[str, ...] = ()
    notes: tuple[str, ...] = ()
    tables: tuple[Table, ...] = ()
    part: Mapping[str, Any] = field(default_factory=dict)
    draws: Callable[[], Picture | None] | None = None

    @cached_property
    def picture(self) -> Picture | None:
        """The figure; None without one."""
        return self.draws() if self.draws else None

    def to_json(self) -> dict[str, Any]:
        """One object of plain values, without infinities; ends of intervals that are open are None.

        Returns
        -------
        dict
            ``law``, ``n``, ``parameters`` (name -> ``value``, ``low``, ``high``),
            ``objective_value``, ``converged``, ``identified``, ``warnings``, and what the question
            adds.
        """
        common = {
            "law": self.law,
            "n": self.n,
            "parameters": {name: item.to_dict() for name, item in self.parameters.items()},
            "objective_value": self.objective_value,
            "converged": self.converged,
            "identified": self.identified,
            "warnings": list(self.warnings),
        }
        return plain({**common, "answer": self.title, **self.part})

    def text(self) -> str:
        """Text for a terminal."""
        lines = [self.title]
        if self.warnings:
            lines += ["", *(f"! {line}" for line in self.warnings)]
        for table in self.tables:
            lines += ["", *table.lines()]
        if self.notes:
            lines += ["", f"How {self.source} was read", *(f"  {line}" for line in self.notes)]
        return "\n".join(lines)

    def html(self) -> str:
        """Return a page that stands on its own: no script, no network, light and dark."""
        # A tenth of a second that answers in text can do without.
        import jinja2

        environment = jinja2.Environment(
            loader=jinja2.FileSystemLoader(TEMPLATES),
            autoescape=True,
            trim_blocks=True,
            lstrip_blocks=True,
            undefined=jinja2.StrictUndefined,
        )
        drawings = [self.picture.svg(*size) for size in SIZES] if self.picture else []
        return environment.get_template("answer.html.j2").render(answer=self, drawings=drawings)

    def plot(self) -> Figure:
        """Return the figure as one of matplotlib.

        Raises
        ------
        ValueError
            The answer has no figure.
        """
        if self.picture is None:
            raise ValueError("this answer has no figure")
        return self.picture.plot()

    def __str__(self) -> str:
        return self.text()

    def _repr_html_(self) -> str:
        # The page would bring its style sheet along.
        return f"<pre>{escape(self.text())}</pre>"


def plain(value: Any) -> Any:
    """Values that JSON holds: no infinity, no not-a-number, no arrays."""
    if isinstance(value, Estimate):
        return value.to_dict()
    if isinstance(value, Mapping):
        return {str(name): plain(item) for name, item in value.items()}
    if isinstance(value, str) or value is None or isinstance(value, bool | int):
        return value
    if isinstance(value, Sequence) or hasattr(value, "tolist"):
        items = value.tolist() if hasattr(value, "tolist") else value
        return [plain(item) for item in items] if isinstance(items, Sequence) else plain(items)
    return finite(float(value))
