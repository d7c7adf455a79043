"""The generated parts of ``docs/run-table.md``: tables of columns and of units.

``python -m scaling_studies.runs.run_table_docs docs/run-table.md`` brings it up to date.
"""

from __future__ import annotations

import sys
from pathlib import Path

from scaling_studies.runs.columns import COLUMNS
from scaling_studies.runs.units import UNITS, Unit


def columns_markdown() -> str:
    """Return the columns of the run table as Markdown, one table for each part of the contract."""
    parts = []
    for group in dict.fromkeys(column.group for column in COLUMNS.values()):
        rows = [
            f"| `{name}` | {_kind(name)} | {_unit(name)} | {_rule(name)} | {column.description} |"
            for name, column in COLUMNS.items()
            if column.group == group
        ]
        head = "| column | type | unit | rule | meaning |\n|---|---|---|---|---|\n"
        parts.append(f"### {group.capitalize()}\n\n{head}" + "\n".join(rows))
    return "\n\n".join(parts)


def units_markdown() -> str:
    """Return the units that raw columns may have as a Markdown table."""
    rows = ["| quantity | unit in the card | in the run table |", "|---|---|---|"]
    for quantity, known in UNITS.items():
        rows += [f"| {quantity} | `{unit.name}` | {_conversion(unit)} |" for unit in known.values()]
        if quantity == "tokens":
            rows.append("| tokens | `sequences_of_<length>` | × length tokens |")
    return "\n".join(rows)


def updated(text: str) -> str:
    """Return a document with its generated parts made anew.

    Parameters
    ----------
    text
        Markdown with ``<!-- generated: columns -->`` ... ``<!-- end -->`` and the same for
        ``units``.
    """
    for name, content in (("columns", columns_markdown()), ("units", units_markdown())):
        start, end = f"<!-- generated: {name} -->\n", "<!-- end -->"
        before, _, rest = text.partition(start)
        if rest:
            text = f"{before}{start}\n{content}\n\n{end}{rest.partition(end)[2]}"
    return text


def _kind(name: str) -> str:
    kinds = {"text": "dictionary text", "key": "text", "number": "float64", "flag": "bool"}
    return kinds[COLUMNS[name].kind]


def _unit(name: str) -> str:
    unit = COLUMNS[name].unit
    if unit in ("unit", "sample_unit"):
        return f"see `{unit}`"
    return unit or ""


def _rule(name: str) -> str:
    column = COLUMNS[name]
    rules = []
    if column.choices:
        rules.append("one of: " + ", ".join(f"`{value}`" for value in column.choices))
    if not column.settable:
        measured = column.group == "measurement"
        rules.append("from the card's `measurements`" if measured else "filled by the project")
    if column.sign != "any":
        rules.append({"positive": "more than zero", "not_negative": "zero or more"}[column.sign])
    if column.filled:
        rules.append("no empty cell where it is mapped")
    return ", ".join(rules)


def _conversion(unit: Unit) -> str:
    if unit.logarithm:
        return f"natural logarithm, {unit.canonical}"
    scale = unit.factor / unit.divisor
    return f"`{unit.canonical}`" if scale == 1.0 else f"× {scale:.6g} {unit.canonical}"


def main() -> None:
    """Bring the files named on the command line up to date."""
    for path in map(Path, sys.argv[1:]):
        path.write_text(updated(path.read_text(encoding="utf-8")), encoding="utf-8")


if __name__ == "__main__":
    main()
