"""Names as readers know them: symbols and words of quantities, topics of studies.

An id stands in files and commands; what a page or a figure shows comes from here, from the card
or from the law.
"""

from __future__ import annotations

import re
from collections.abc import Iterable, Mapping
from dataclasses import dataclass
from typing import TYPE_CHECKING, Any, get_args

from scaling_studies.cards.models.study import Topic

if TYPE_CHECKING:
    from scaling_studies.cards.models.study import StudyCard

#: Topics in the order of the front page.
TOPICS = dict(
    zip(
        get_args(Topic),
        (
            "Pre-training: size and data",
            "Repeated data",
            "Mixtures and transfer",
            "Experts and parallel streams",
            "Schedules and hyperparameters",
            "Downstream tasks",
            "Samples at inference",
            "Vision and speech",
            "Games and science",
            "Forms of laws",
        ),
        strict=True,
    )
)
#: Heading of one's own runs.
OWN_RUNS = "Your own runs"
NO_TOPIC = "Other studies"
#: Related studies that a page names.
MOST_RELATED = 6
#: Quantity -> (symbol, as formulas write it, or empty; words).
QUANTITIES = {
    "a_opt": ("a", "exponent of best size, N* ∝ Cᵃ"),
    "b_opt": ("b", "exponent of best data, D* ∝ Cᵇ"),
    "beta_g": ("beta_g", "exponent of the learning curve"),
    "eta": ("eta", "exponent of loss along compute-optimal runs"),
    "objective_value": ("", "value of the objective"),
    "objective_at_published": ("", "objective at the published parameters"),
    "negative_log_likelihood": ("", "negative log-likelihood"),
    "r_squared": ("R^2", "share of variance explained"),
    "mae": ("", "mean absolute error"),
    "rmse": ("", "root mean squared error"),
    "rmsle": ("", "root mean squared error of the logarithm"),
    "aicc": ("", "Akaike criterion, for small samples"),
    "bic": ("", "Bayes criterion"),
    "n": ("n", "fitted runs"),
    "scale": ("", "fitted scale of the residuals"),
    "max_relative_error": ("", "largest relative error of a fitted run"),
    "params_opt": ("", "compute-optimal parameters"),
    "tokens_opt": ("", "compute-optimal tokens"),
    "all_constants": ("", "all constants together"),
    "data_multiplier": ("", "worth of pre-training, as a multiple of the data"),
    "flops_factor_per_board_size": ("", "factor of compute for one more row of the board"),
    "perfect_play_flops_factor": ("", "factor of compute to perfect play"),
    "params_factor_of_8_streams": ("", "eight streams, as a multiple of the parameters"),
    "incline_flops_slope": ("m_f", "slope of the incline in compute"),
    "incline_board_slope": ("m_b", "slope of the incline in board size"),
    "incline_constant": ("c", "constant of the incline"),
    "plateau_board_slope": ("m_b'", "slope of the plateau in board size"),
    "plateau_constant": ("c'", "constant of the plateau"),
    "exponent": ("p", "exponent"),
}
#: Endings of quantities that are said of another quantity.
SAID_OF = {"_standard_error": "standard error of", "_interval": "interval of"}
#: Columns of the run table -> words, for conventions and axes.
COLUMNS = {
    "params_total": "all parameters",
    "params_non_embedding": "parameters without embeddings",
    "params_active": "active parameters",
    "params_encoder": "parameters of the encoder",
    "params_decoder": "parameters of the decoder",
    "tokens": "training tokens",
    "unique_tokens": "distinct tokens",
    "flops": "training compute, as the authors count it",
    "flops_6nd": "training compute, 6ND",
    "samples_drawn": "samples drawn",
}


#: Names of Greek letters, as formulas of laws write them.
GREEK = {
    "alpha": "α", "beta": "β", "gamma": "γ", "delta": "δ", "epsilon": "ε", "eta": "η",
    "kappa": "κ", "lambda": "λ", "mu": "μ", "rho": "ρ", "sigma": "σ", "tau": "τ", "phi": "φ",
}  # fmt: skip
#: A letter or the name of a Greek one with an index, and a star or a prime behind it.
INDEXED = re.compile(
    rf"(?<![\w$])(?P<base>[^\W\d_]|{'|'.join(GREEK)})_(?P<index>[^\W_]{{1,8}})"
    r"(?P<star>_star(?![^\W_])|[*'])?(?!\w)"
)


@dataclass(frozen=True)
class QuantityName:
    """How a quantity is called.

    Attributes
    ----------
    symbol
        As formulas write it, ``N_c`` or ``alpha``; empty where there is none.
    words
        What it is, in lower case; empty where the symbol says it all.
    of
        Words before the symbol, ``standard error of``.
    """

    symbol: str
    words: str
    of: str = ""

    @property
    def plain(self) -> str:
        """The same as text: ``α``, ``standard error of E``, ``a (exponent of best size)``.

        Text has no indices: a symbol with one gives way to words.
        """
        head, *rest = self.symbol.split("_")
        if rest and self.words:
            return f"{self.of} {self.words}".strip()
        symbol = " ".join([GREEK.get(head, head), *(GREEK.get(part, part) for part in rest)])
        shown = f"{symbol} ({self.words})" if symbol and self.words else symbol or self.words
        return f"{self.of} {shown}".strip()

    @property
    def drawn(self) -> str:
        """The same for a figure, which typesets an index: ``α_N``, ``R_D*``, else the words."""
        head, *rest = self.symbol.removesuffix("_star").split("_")
        star = "*" if self.symbol.endswith("_star") else ""
        symbol = "_".join(GREEK.get(part, part) for part in (head, *rest)) + star
        return f"{self.of} {symbol or self.words}".strip()


def quantity_name(
    quantity: str,
    symbols: Mapping[str, str] | None = None,
    descriptions: Mapping[str, str] | None = None,
) -> QuantityName:
    """Name of a quantity of a fit.

    Parameters
    ----------
    quantity
        Its id.
    symbols
        Meaning of each parameter of the law, whose names are symbols.
    descriptions
        Words of the card on its quantities.

    Examples
    --------
    >>> quantity_name("alpha", {"alpha": "exponent of size"})
    QuantityName(symbol='alpha', words='exponent of size', of='')
    >>> quantity_name("a_opt_standard_error").of
    'standard error of'
    """
    for ending, of in SAID_OF.items():
        if quantity.endswith(ending) and quantity != ending[1:]:
            inner = quantity_name(quantity.removesuffix(ending), symbols, descriptions)
            return QuantityName(inner.symbol, inner.words, f"{of} {inner.of}".strip())
    said = (descriptions or {}).get(quantity, "")
    symbol, words = QUANTITIES.get(quantity, ("", ""))
    if symbols and quantity in symbols and quantity not in QUANTITIES:
        return QuantityName(quantity if _is_symbol(quantity) else "", said or symbols[quantity])
    # What follows from the rise of a term is said in the words of the rise.
    rise = (symbols or {}).get(f"rise_{quantity.removeprefix('eff_')}")
    if rise and quantity.startswith("eff_"):
        return QuantityName("", f"share of parameters that count, {rise.rpartition(' to ')[2]}")
    if symbol or words:
        return QuantityName(symbol, said or words)
    if quantity.startswith("log_") and (symbols is None or quantity[4:] in symbols):
        inner = quantity_name(quantity[4:], symbols, descriptions)
        return QuantityName(inner.symbol, said or inner.words, "natural logarithm of")
    if said:
        return QuantityName("", said)
    if _is_symbol(quantity):
        return QuantityName(quantity, "")
    return QuantityName("", quantity.replace("_", " "))


def _is_symbol(quantity: str) -> bool:
    """Whether an id reads as a symbol: a letter or a Greek name, with a short index."""
    head, *rest = quantity.split("_")
    return (len(head.rstrip("0123456789")) == 1 or head in GREEK) and len("".join(rest)) <= 8


def in_order(cards: Mapping[str, StudyCard]) -> list[StudyCard]:
    """Cards as the report goes through them: own runs, then by topic, by year and by name."""
    topics = list(TOPICS)

    def place(card: StudyCard) -> tuple[bool, int, int, str]:
        known = topics.index(card.topic) if card.topic else len(topics)
        return not card.own, known, card.citation.year, card.study

    return sorted(cards.values(), key=place)


def by_topic(cards: Iterable[StudyCard]) -> dict[str, list[StudyCard]]:
    """Cards by the words of their topic, in the order they come."""
    found: dict[str, list[StudyCard]] = {}
    for card in cards:
        topic = TOPICS[card.topic] if card.topic else NO_TOPIC
        found.setdefault(OWN_RUNS if card.own else topic, []).append(card)
    return found


def display_name(card: StudyCard) -> str:
    """The name that people use, with author and year: ``Chinchilla · Hoffmann 2022``."""
    return " · ".join(dict.fromkeys(filter(None, (card.name, card.short_name))))


def beside(cards: Mapping[str, StudyCard]) -> dict[str, dict[str, Any]]:
    """Studies that the page of each study leads to.

    Parameters
    ----------
    cards
        Cards of this run by study.

    Returns
    -------
    dict
        By study: ``previous`` and ``next``, each an id and a name or None, and ``related``, a list
        of them: those whose runs it reads or that read its, then those of its topic.
    """
    order = in_order(cards)
    reads = {
        card.study: {entry.source_study for entry in card.fits.values()} - {None, card.study}
        for card in order
    }
    named = [(card.study, display_name(card)) for card in order]
    found = {}
    for place, card in enumerate(order):
        others = [other for other in order if other is not card]
        near = [
            other
            for other in others
            if other.study in reads[card.study] or card.study in reads[other.study]
        ]
        alike = [other for other in others if other.topic == card.topic and other not in near]
        found[card.study] = {
            "previous": named[place - 1] if place else None,
            "next": named[place + 1] if place + 1 < len(named) else None,
            "related": [
                (other.study, display_name(other)) for other in [*near, *alike][:MOST_RELATED]
            ],
        }
    return found
