"""Documentation of the laws, made from the registry."""

from __future__ import annotations

import sys
from pathlib import Path

import numpy as np

from scaling_studies.laws import laws
from scaling_studies.models.law import Law, Parameter

HEADER = """# Laws

This page is made from the registry by `python -m scaling_studies.cli.law_table docs/laws.md`;
a test proves that it agrees. N params, D tokens, C FLOP, L loss; natural logarithms unless said.

Adding a law takes one file in `src/scaling_studies/laws/` that defines `LAW`; its name is the
name of the file. A law that is an offset plus monomials is a list of `Term`
(`scaling_studies.models.posynomial`); any other is its formula, written with the functions of
`scaling_studies.models.autodiff`, which give exact first and second derivatives
(`scaling_studies.models.formula`). Linear parameters are marked, so that the search projects
them out; a law whose structure gives better starts than a grid proposes its own.

"""


def _bound(value: float) -> str:
    if np.isinf(value):
        return "-∞" if value < 0 else "∞"
    return f"{value:g}"


def _parameter_row(item: Parameter) -> str:
    kind = "log" if item.transform == "log" else "as it is"
    linear = "yes" if item.linear else ""
    bounds = f"{_bound(item.lower)} to {_bound(item.upper)}"
    return f"| `{item.name}` | {item.meaning} | {bounds} | {kind} | {linear} |"


def law_section(law: Law) -> str:
    """Markdown section of one law."""
    axes = "; ".join(f"`{axis.name}` ({axis.unit}): {axis.meaning}" for axis in law.axes)
    lines = [
        f"## {law.name}",
        "",
        f"{law.title}. `{law.formula}`",
        "",
        f"Source: {law.citation}.",
        "",
        f"Axes: {axes}. Response: `{law.response}`, {law.response_meaning}. Usual objective: "
        f"`{law.objective}`.",
        "",
        "| parameter | meaning | bounds | searched as | linear |",
        "|---|---|---|---|---|",
        *(_parameter_row(item) for item in law.parameters),
        "",
    ]
    if law.derived:
        lines += ["Derived: " + ", ".join(f"`{name}`" for name in law.derived) + ".", ""]
    return "\n".join(lines)


def law_table() -> str:
    """Whole page as Markdown."""
    registry = laws()
    rows = [
        "| law | form | source |",
        "|---|---|---|",
        *(
            f"| [{name}](#{name}) | `{law.formula.replace('|', chr(92) + '|')}` | {law.citation} |"
            for name, law in registry.items()
        ),
    ]
    sections = [law_section(law) for law in registry.values()]
    return HEADER + "\n".join(rows) + "\n\n" + "\n".join(sections)


def main() -> int:
    """Write the page to the given path, or print it."""
    text = law_table()
    if len(sys.argv) > 1:
        Path(sys.argv[1]).write_text(text, encoding="utf-8")
    else:
        print(text, end="")
    return 0


if __name__ == "__main__":
    sys.exit(main())
