"""The result of one fit as the workflow hands it on: one description, written once."""

from __future__ import annotations

from dataclasses import dataclass, field, fields
from typing import TYPE_CHECKING, Any, Self

from scaling_studies.cards.models.fit import WITHOUT_FIT
from scaling_studies.fits.uncertainty import Stored, Uncertainty

if TYPE_CHECKING:
    from collections.abc import Mapping


@dataclass(frozen=True)
class FitArtefact(Stored):
    """A fitted law, a law at published parameters, or one of which only constants are printed.

    Attributes
    ----------
    study, fit, title
        Ids, and the title in the card.
    law, formula
        Name of the law in the registry, and its formula.
    estimator
        How the parameters were found; ``evaluate`` and ``printed`` fit nothing.
    objective
        ``name`` and constants of the objective; None for a printed law.
    n, n_held_out
        Fitted and held-out rows.
    parameters, fixed
        All parameters of the law by name, and those that the card holds fixed.
    objective_value
        Objective at the parameters; None for a printed law.
    quantities, quantity_descriptions
        Parameters, what follows from them and what the card defines, as far as it is finite, by
        name; what the card says of its own.
    evidence
        Where the search started and ended; see `engine.search.evidence`.
    converged, identified
        Whether the search ended at an optimum, and whether the rows determine the parameters; None
        for a printed law.
    undetermined
        Quantities that the rows leave open, by name: their intervals are open, and `allocation`
        stands for what divides compute between size and data.
    dependence
        Groups of rows that miss the law together (fields of
        `engine.uncertainty.dependence.Dependence`); None where no test finds any.
    confirmation
        How well constants are confirmed, by name; of printed laws alone.
    messages
        Plain statements that a reader must see.
    profile
        Profile likelihood of the irreducible loss (fields of
        `engine.uncertainty.profile.ProfileInterval`), where it has one.
    uncertainty
        What is known of the uncertainty of a fit without resamples; None for one that has them,
        which stand under ``results/resamples``.
    headline
        Quantities that are compared across studies.
    allocation
        Whether its compute-optimal allocation is compared across studies.
    provenance
        What the artefact was made from; see `artefacts.provenance`.
    """

    study: str
    fit: str
    title: str
    law: str
    formula: str
    estimator: str
    objective: dict[str, Any] | None
    n: int
    n_held_out: int
    parameters: dict[str, float]
    fixed: dict[str, float]
    objective_value: float | None
    quantities: dict[str, float]
    quantity_descriptions: dict[str, str] = field(default_factory=dict)
    evidence: dict[str, Any] = field(default_factory=dict)
    converged: bool | None = None
    identified: bool | None = None
    undetermined: list[str] = field(default_factory=list)
    dependence: dict[str, Any] | None = None
    confirmation: dict[str, str] = field(default_factory=dict)
    messages: list[str] = field(default_factory=list)
    profile: dict[str, Any] | None = None
    uncertainty: Uncertainty | None = None
    headline: list[str] = field(default_factory=list)
    allocation: bool = True
    provenance: dict[str, Any] = field(default_factory=dict)

    @property
    def is_published(self) -> bool:
        """Whether the parameters are taken from a paper and not fitted here."""
        return self.estimator in WITHOUT_FIT

    @property
    def source(self) -> str:
        """``published`` for constants taken from a paper, ``refit`` for ours."""
        return "published" if self.is_published else "refit"

    @classmethod
    def from_dict(cls, content: Mapping[str, Any]) -> Self:
        """Artefact from the content of its file."""
        stated = content.get("uncertainty")
        known = {name: content[name] for name in _NAMES if name in content}
        return cls(**known | {"uncertainty": Uncertainty.from_dict(stated) if stated else None})

    def as_dict(self) -> dict[str, Any]:
        """Content of its file."""
        without = "profile" if self.estimator == "printed" else "confirmation"
        content = {name: getattr(self, name) for name in _NAMES if name != without}
        return content | {"uncertainty": self.uncertainty and self.uncertainty.as_dict()}


_NAMES = tuple(item.name for item in fields(FitArtefact))
