"""Readable text and HTML of fits and bootstraps."""

from __future__ import annotations

from html import escape
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from scaling_studies.engine.fit import Fit


def _headline(fit: Fit) -> str:
    return f"{fit.law.title}: {fit.law.formula}"


def _state(fit: Fit) -> str:
    evidence = fit.evidence
    if not evidence.starts:
        return f"estimator {evidence.estimator}"
    words = ["converged" if fit.converged else "NOT CONVERGED"]
    words.append("identified" if fit.identified else "NOT IDENTIFIED")
    words.append(f"{evidence.share_at_optimum:.0%} of {evidence.starts} starts agree")
    if abs(evidence.disagreement) >= 0:
        words.append(f"{evidence.second_optimiser} agrees to {abs(evidence.disagreement):.1e}")
    return ", ".join(words)


def _rows(fit: Fit) -> list[tuple[str, str, str]]:
    meanings = {item.name: item.meaning for item in fit.law.parameters}
    return [
        (
            name,
            f"{value:.8g}",
            meanings.get(name, "") + (" (fixed)" if name in fit.problem.fixed else ""),
        )
        for name, value in fit.parameters.items()
    ]


def text_of_fit(fit: Fit) -> str:
    """Plain text: law, rows, objective, parameters, state, messages."""
    lines = [
        _headline(fit),
        f"{fit.n} rows, {fit.objective} = {fit.objective_value:.12g}",
        *(f"  {name:<12} {value:>14}  {meaning}".rstrip() for name, value, meaning in _rows(fit)),
        _state(fit),
        *fit.messages,
    ]
    return "\n".join(lines)


def html_of_fit(fit: Fit) -> str:
    """Return the same as HTML, every text escaped."""
    rows = "".join(
        f"<tr><th>{escape(name)}</th><td>{escape(value)}</td><td>{escape(meaning)}</td></tr>"
        for name, value, meaning in _rows(fit)
    )
    messages = "".join(f"<li>{escape(message)}</li>" for message in fit.messages)
    return (
        f"<p><b>{escape(_headline(fit))}</b><br>{fit.n} rows, {escape(str(fit.objective))} = "
        f"{fit.objective_value:.12g}</p><table>{rows}</table><p>{escape(_state(fit))}</p>"
        + (f"<ul>{messages}</ul>" if messages else "")
    )
