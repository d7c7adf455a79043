"""The page of terms and symbols."""

from __future__ import annotations

from scaling_studies.pages.formulas import formula
from scaling_studies.pages.gloss import terms
from scaling_studies.pages.render import rendered

#: Symbols that most laws share, as formulas write them.
SYMBOLS = {
    "N": "parameters of the model; what is counted differs, and each study's page says how",
    "D": "training tokens",
    "C": "training compute in FLOP",
    "L": "loss, in nats per token where not said otherwise",
    "E": "irreducible loss",
    "A, alpha": "coefficient and exponent of the term of size",
    "B, beta": "coefficient and exponent of the term of data",
    "N*, D*": "compute-optimal size and data",
    "a, b": "exponents of compute in N* and D*; where C = 6ND they sum to one",
    "R_D*": "how many repetitions are worth about as much as fresh tokens",
    "z": "difference of a refit and a published value over their joint standard error",
}


def render_glossary(*, has_claims: bool = False) -> str:
    """Write the page of terms and symbols."""
    return rendered(
        "glossary.html.j2",
        root="..",
        here="glossary",
        has_claims=has_claims,
        terms=terms(),
        symbols=[(formula(text), words) for text, words in SYMBOLS.items()],
    )
