"""Verdicts, findings and evidence as a page says them."""

from __future__ import annotations

import re
from collections.abc import Callable, Mapping
from typing import Any

from scaling_studies.cards.names import GREEK
from scaling_studies.engine.objectives import OBJECTIVES
from scaling_studies.fits.artefact import FitArtefact
from scaling_studies.laws import get_law
from scaling_studies.words import count_of, number

#: Hyphen that stands for a minus sign.
HYPHEN = re.compile(r"(?<!\w)-(?=[0-9])")
#: Name of a parameter or an axis in a text.
WORD = re.compile(r"\b[A-Za-z]\w*")
#: Axis -> what it is, in messages of fits.
AXES = {"params": "size", "tokens": "data", "flops": "compute"}

#: Verdict -> sign and words; a verdict is never told by colour alone.
VERDICTS = {
    "exact": ("✓", "comes back as printed"),
    "same": ("✓", "same for any use"),
    "compatible": ("≈", "compatible"),
    "does_not_come_back": ("✗", "does not come back"),
    "not_an_optimum": ("✗", "the published optimum is none"),
    "cannot_be_tested": ("–", "cannot be tested"),
}
#: The same of verdicts on laws.
LAW_VERDICTS = {
    "comes_back": ("✓", "comes back"),
    "in_part": ("≈", "comes back in part"),
    "does_not_come_back": ("✗", "does not come back"),
    "cannot_be_tested": ("–", "cannot be tested"),
}
#: The same of verdicts on single claims.
CLAIM_VERDICTS = {
    "holds": ("✓", "holds"),
    "holds_in_part": ("≈", "holds in part"),
    "does_not_hold": ("✗", "does not hold"),
    "cannot_be_tested": ("–", "cannot be tested"),
}
#: Kind of evidence -> what a number is held against.
EVIDENCE = {
    "refit": "refit",
    "re_estimate": "re-estimate",
    "evaluation": "evaluation",
    "arithmetic": "arithmetic",
    "simulation": "simulation",
}
#: Severity of a finding -> sign, heading and explanation; never told by colour alone either.
SEVERITIES = {
    "fail": ("✗", "Failures", "The number is not what it claims to be, as far as these rows tell."),
    "warning": ("!", "Warnings", "Taken at its face, the number may mislead."),
    "info": ("·", "Looked at", "Nothing amiss, or a fact to know."),
}
ESTIMATORS = {
    "parametric": "fitted to the rows",
    "evaluate": "published parameters, evaluated on the rows",
    "printed": "published parameters, no rows",
    "variable_projection": "fitted to the rows by variable projection",
    "straightened": "fitted to the rows by the constant that makes log(y − E) straight",
    "isoflop": "minima of isoFLOP parabolas, then a power law",
    "envelope": "lower envelope of training curves, then a power law",
}
RESAMPLING = {
    "pairs": "bootstrap over rows",
    "cluster": "bootstrap over groups of dependent rows",
    "stratified": "bootstrap within strata",
    "parametric": "parametric bootstrap",
    "none": "not resampled",
}


def gravest(counts: Mapping[str, int]) -> str:
    """Write how many findings of the checks are grave, from their number by severity."""
    grave = [
        count_of(counts[name], called)
        for name, called in (("fail", "failure"), ("warning", "warning"))
        if counts[name]
    ]
    return ", ".join(grave) or "no warnings"


def objective(entry: Mapping[str, Any] | None) -> str:
    """Objective of a fit in words, with its constants."""
    if not entry or entry["name"] == "none":
        return "none"
    constants = ", ".join(
        f"{'δ' if key == 'delta' else key} = {value:g}"
        for key, value in entry.items()
        if isinstance(value, (int, float))
    )
    words = OBJECTIVES[entry["name"]][-1].replace("(delta)", "")
    return f"{words} ({constants})" if constants else words


def evidence(fit: FitArtefact) -> list[str]:
    """Say what shows that a fit is at its optimum, one sentence each."""
    if fit.is_published:
        return ["Nothing is fitted: the law stands at published parameters."]
    facts, says = fit.evidence, _with_symbols(fit)
    sentences = [
        "The optimum is confirmed."
        if fit.converged
        else "The optimum is not confirmed: read the parameters with care."
    ]
    if facts["starts"] and facts["share_at_optimum"] is not None:
        sentences.append(
            f"{100 * facts['share_at_optimum']:.0f} % of {count_of(facts['starts'], 'start')} "
            "ended within 10⁻⁶ of the best."
        )
    if facts["second_optimiser"] and facts["disagreement"] is not None:
        agreement = "agrees" if abs(facts["disagreement"]) <= 1e-6 else "differs"
        sentences.append(
            f"A second optimiser ({facts['second_optimiser']}) {agreement}: relative difference "
            f"{number(facts['disagreement'], 2)}."
        )
    if facts["condition_number"]:
        sentences.append(
            f"Condition number in centred logs {number(facts['condition_number'], 2)}."
        )
    if facts["weak_directions"]:
        directions = says(HYPHEN.sub("−", facts["weak_directions"]))
        sentences.append(f"Hardly determined by the rows: {directions}.")
    if facts["active_bounds"]:
        sentences.append(f"At a bound: {says(HYPHEN.sub('−', facts['active_bounds']))}.")
    if facts["smooth"] is False:
        sentences.append("The objective is not smooth at its optimum.")
    if fit.identified is False:
        sentences.append("The rows do not determine every parameter.")
    said = " ".join(sentences)
    messages = [message for message in map(says, fit.messages) if message not in said]
    # A parameter said in words opens a sentence like any word; a symbol keeps its case.
    return sentences + [re.sub("^[a-z](?=[a-z]{2})", lambda at: at[0].upper(), m) for m in messages]


def _with_symbols(fit: FitArtefact) -> Callable[[str], str]:
    """Function that writes parameters and axes in a text as readers know them."""
    meanings = {item.name: item.meaning for item in get_law(fit.law).parameters}
    known = AXES | {
        name: GREEK.get(name) or (meanings.get(name) if "_" in name else None) or name
        for name in fit.parameters
    }
    return lambda text: WORD.sub(lambda found: known.get(found[0], found[0]), text)
