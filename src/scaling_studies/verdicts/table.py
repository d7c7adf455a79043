"""The table of verdicts of a study: one row a published number."""

from __future__ import annotations

import math
from collections.abc import Iterable, Mapping
from dataclasses import replace
from typing import TYPE_CHECKING, Any

from scaling_studies.cards.printed import Printed
from scaling_studies.engine.statistics import STATISTICS
from scaling_studies.errors import CardError
from scaling_studies.fits.uncertainty import Interval
from scaling_studies.laws import get_law
from scaling_studies.verdicts.judge import COMES_BACK, Judgement, Ours, judge
from scaling_studies.verdicts.optimum import joint_test
from scaling_studies.verdicts.rounding import implied_range
from scaling_studies.verdicts.widths import judge_error, judge_interval

if TYPE_CHECKING:
    from scaling_studies.cards.models.fit import FitEntry
    from scaling_studies.cards.models.target import Target
    from scaling_studies.fits.artefact import FitArtefact
    from scaling_studies.fits.uncertainty import Uncertainty
    from scaling_studies.verdicts.optimum import JointTest

#: Estimator -> what a number of its fits rests on; of all others it is a refit.
EVIDENCE = {"printed": "arithmetic", "evaluate": "evaluation"}
#: Checks whose failure says that intervals of a fit mean little.
CHECKS_OF_INTERVALS = frozenset(
    {
        "interval_plausibility",
        "ill_conditioning",
        "dependent_rows",
        "unidentified_asymptote",
        "calibration",
    }
)
OBJECTIVES = frozenset({"objective_value", "negative_log_likelihood"})


class JudgedStudy:
    """A study whose published numbers are judged.

    Parameters
    ----------
    study
        Its id.
    entries
        Fits of its card.
    fits, intervals
        Artefacts by fit, and what is known of their uncertainty.
    independent
        Independent groups among the rows of each fit; of those left out, its rows.
    findings
        Findings of the checks, which may take trust from intervals.
    """

    def __init__(
        self,
        study: str,
        entries: Mapping[str, FitEntry],
        fits: Mapping[str, FitArtefact],
        intervals: Mapping[str, Uncertainty],
        independent: Mapping[str, int] | None = None,
        findings: Iterable[Mapping[str, Any]] = (),
    ) -> None:
        self.study = study
        self.entries = entries
        self.fits = fits
        self.intervals = intervals
        self.independent = dict(independent or {})
        self.distrusted = {
            (finding["fit"], finding["quantity"]): finding["text"]
            for finding in findings
            if finding["severity"] == "fail" and finding["check"] in CHECKS_OF_INTERVALS
        }

    def rows(self) -> list[dict[str, Any]]:
        """Verdicts on all published numbers, in the order of the card.

        Raises
        ------
        CardError
            A number that the card knows not to come back does.
        """
        return [row for fit in self.entries for row in self._rows_of(fit)]

    def _rows_of(self, fit: str) -> Iterable[dict[str, Any]]:
        targets = self.entries[fit].targets
        joint = {
            target.compare_with: self._joint(fit, target) for target in targets if target.is_joint
        }
        names = {target.quantity for target in targets}
        for target in targets:
            if target.is_joint:
                test = joint[target.compare_with]
                judged = Judgement(
                    test.verdict, None, f"{test.text} {target.reason or ''}".rstrip()
                )
                self._expected(fit, target, judged)
                yield self._row(fit, target, judged, Ours(test.best)) | {
                    "published": test.published,
                    "not_counted": target.not_counted,
                    "counted": target.not_counted is None,
                }
                continue
            ours = self._ours(fit, target, joint.get(target.compare_with))
            transformed = target.quantity.removeprefix("log_").removeprefix("log10_")
            note = target.not_counted
            if transformed != target.quantity and transformed in names:
                note = note or f"It is the logarithm of {transformed}, which is counted."
            if target.value is not None:
                judged = judge(target, ours)
                self._expected(fit, target, judged)
                yield self._row(fit, target, judged, ours, note)
            independent = self._independent(target.compare_with or fit)
            if target.standard_error or target.interval:
                ours = self._as_stated(target, ours)
            if target.standard_error is not None:
                width, own = judge_error(target, ours, independent)
                yield self._width(fit, target, "standard_error", width, own, note)
            if target.interval is not None:
                width, own = judge_interval(target, ours, independent)
                yield self._width(fit, target, "interval", width, own, note)

    def _independent(self, fit: str) -> int:
        """Independent groups among the rows of a fit, or its rows."""
        known = self.intervals[fit].group_count
        return known or self.independent.get(fit, self.fits[fit].n)

    def _as_stated(self, target: Target, ours: Ours) -> Ours:
        """The same with the interval that the paper's own way of redrawing gives, if another."""
        ends = self.intervals[ours.judged_fit].as_stated.get(target.name_here)
        return replace(ours, interval=ends, standard_error=None) if ends else ours

    def _joint(self, fit: str, target: Target) -> JointTest:
        refit = str(target.compare_with)
        return joint_test(
            self.fits[fit],
            self.fits[refit],
            self.intervals[refit],
            wald=target.ours,
            independent=self._independent(refit),
        )

    def _ours(self, fit: str, target: Target, joint: JointTest | None) -> Ours:
        """What a published number of a fit is held against."""
        judged = target.compare_with or fit
        artefact, entry = self.fits[judged], self.entries[judged]
        uncertainty, name = self.intervals[judged], target.name_here
        interval = uncertainty.intervals.get(name, Interval(None, None))
        evidence = target.evidence or EVIDENCE.get(artefact.estimator, "refit")
        is_arithmetic = evidence == "arithmetic" and artefact.is_published
        of_fit = not artefact.is_published
        # A statistic of all resamples together is no quantity of the fit.
        value = artefact.quantities.get(name, interval.value)
        if evidence in ("refit", "re_estimate") and not of_fit:
            value = None
        return Ours(
            value=value,
            evidence=evidence,
            interval=ends_of(interval) if of_fit else None,
            level=uncertainty.level,
            standard_error=interval.standard_error if of_fit else None,
            implied=implied_range(entry, name) if is_arithmetic else None,
            distrust=self._distrust(judged, name),
            joint=joint if self._role(fit, target) in ("headline", "constant") else None,
            is_objective=of_fit and name in OBJECTIVES,
            judged_fit=judged,
            judged_by=None if judged == fit else artefact.title,
        )

    def _distrust(self, fit: str, quantity: str) -> str:
        """Why the interval of a quantity is not trusted; empty when it is."""
        artefact = self.fits[fit]
        for key in ((fit, quantity), (fit, None)):
            if key in self.distrusted:
                return self.distrusted[key]
        if artefact.converged is False:
            return "the optimum is not confirmed."
        if artefact.identified is False:
            return "the rows do not determine every parameter."
        return ""

    def _role(self, fit: str, target: Target) -> str:
        """What a number is of its law."""
        entry, name = self.entries[target.compare_with or fit], target.name_here
        if target.role:
            return target.role
        if target.is_joint or name in {
            *(entry.headline or ()),
            *(self.entries[fit].headline or ()),
        }:
            return "headline"
        if (target.evidence or EVIDENCE.get(entry.estimator)) == "arithmetic":
            return "consistency"
        asked = entry.quantities.get(name)
        if asked is not None and asked.held_out is not None:
            return "prediction"
        law = get_law(entry.law)
        is_constant = name in law.parameter_names or name in law.derived
        of_constant = asked is not None and (asked.of or asked.expression) is not None
        if name in STATISTICS or not (is_constant or of_constant):
            return "statistic"
        return "constant"

    def _expected(self, fit: str, target: Target, judged: Judgement) -> None:
        if target.expected and judged.verdict in COMES_BACK:
            raise CardError(
                f"{target.quantity} is expected not to come back, and does: {judged.reason}",
                study=self.study,
                key=f"fits.{fit}.targets.{target.quantity}.expected",
                fix="remove `expected` (and the reason), or find out what changed",
            )

    def _row(
        self,
        fit: str,
        target: Target,
        judged: Judgement,
        ours: Ours,
        note: str | None = None,
    ) -> dict[str, Any]:
        printed = target.printed
        ends = [end if math.isfinite(end) else None for end in ours.interval or ()]
        low, high = ends or (None, None)
        return {
            "study": self.study,
            "fit": fit,
            "quantity": target.quantity,
            "published": printed.value if printed else None,
            "refit": ours.value,
            "ci_low": low,
            "ci_high": high,
            "verdict": judged.verdict,
            "reason": judged.reason,
            "evidence": ours.evidence,
            "role": self._role(fit, target),
            "digits": printed.digits if printed else None,
            "z": judged.z,
            "counted": note is None,
            "not_counted": note,
            "published_se": target.printed_error,
            "tolerance": target.tolerance,
            "tolerance_kind": target.tolerance_kind,
            "tolerance_reason": target.tolerance_reason,
            "judged_by": target.compare_with or fit,
            "where_published": target.where,
            "confirmation": target.confirmation,
        }

    def _width(
        self,
        fit: str,
        target: Target,
        what: str,
        judged: Judgement,
        own: float | None,
        note: str | None,
    ) -> dict[str, Any]:
        """Row of a printed standard error or of the width of a printed interval."""
        row = self._row(fit, target, judged, self._ours(fit, target, None), note)
        if what == "standard_error":
            assert target.standard_error is not None
            printed = Printed.of(target.standard_error)
            published, digits = printed.value, printed.digits
        else:
            assert target.interval is not None
            low, high = map(Printed.of, target.interval)
            published, digits = high.value - low.value, None
        empty = dict.fromkeys(("ci_low", "ci_high", "published_se", "tolerance"))
        return (
            row
            | empty
            | {
                "quantity": f"{target.quantity}_{what}",
                "published": published,
                "refit": own,
                "digits": digits,
                "role": "statistic",
                "tolerance_kind": None,
                "tolerance_reason": None,
            }
        )


def ends_of(interval: Interval) -> tuple[float, float] | None:
    """Ends of an interval, infinite where it is open; None where there is none."""
    low, high = interval.low, interval.high
    if low is None and high is None and not interval.is_open:
        return None
    return (-math.inf if low is None else low, math.inf if high is None else high)


def verdict_rows(
    study: str,
    entries: Mapping[str, FitEntry],
    fits: Mapping[str, FitArtefact],
    intervals: Mapping[str, Uncertainty],
    independent: Mapping[str, int] | None = None,
    findings: Iterable[Mapping[str, Any]] = (),
) -> list[dict[str, Any]]:
    """Verdicts on all published numbers of a study.

    Parameters
    ----------
    study
        Id of the study.
    entries
        Fit id -> its entry in the card.
    fits, intervals
        Fit id -> fit artefact, and what is known of its uncertainty.
    independent
        Fit id -> independent groups among its rows; its rows when left out.
    findings
        Findings of the checks; those that fail take trust from intervals.

    Returns
    -------
    list of dict
        One row a published number, in the order of the card; columns as in `columns.SCHEMA`.

    Raises
    ------
    CardError
        A number that the card knows not to come back does.
    """
    return JudgedStudy(study, entries, fits, intervals, independent, findings).rows()
