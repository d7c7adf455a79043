# What every stage needs: configuration, cards, wildcards, helpers for `params`.
#
# Contract: `config` and the cards are validated here, before any job is planned; everything else is read by the jobs.
# Cards enter the rules as `params` (plain text), so that an edited card reruns only the jobs that the edited part concerns.

import atexit
import json
import os
import sys
from pathlib import Path

from snakemake.exceptions import WorkflowError

try:
    from scaling_studies.cli import preflight
except ModuleNotFoundError as error:
    raise WorkflowError(
        f"{error.name} is not installed. Fix: `make report` sets up .venv; then `. .venv/bin/activate` and the same command"
    ) from None

# Before Snakemake writes its own records. Jobs read this file again on their own machines; only the run itself is checked.
if workflow.is_main_process:
    try:
        preflight.check_python()
        preflight.check_packages()
        preflight.check_name(workflow.current_basedir.get_path_or_uri(secret_free=True))
        preflight.check_name(".")
        preflight.check_folder()
    except preflight.PreflightError as error:
        raise WorkflowError(str(error)) from None


# Not for dry runs and the like.
onstart:
    try:
        preflight.check_writing()
    except preflight.PreflightError as error:
        raise WorkflowError(str(error)) from None
    # Where the disk fills up in the middle, Snakemake's own records fail too, and what it says of them names no fix.
    atexit.register(preflight.explain_full_disk)


from scaling_studies.cards import load as study_cards
from scaling_studies.cards.resolve import (
    has_allocation,
    resamples_needed,
    resolve_fit,
    source_study,
)
from scaling_studies.cards.names import beside, display_name
from scaling_studies import registry
from scaling_studies.checks.part import checked_part
from scaling_studies.choices.table import chosen_fits
from scaling_studies.comparisons.ladder import laddered
from scaling_studies.comparisons.noise_floor import LOSS
from scaling_studies.comparisons.optima import with_optima
from scaling_studies.comparisons.trade_offs import REPEATED_LAW
from scaling_studies.sources import retrieval
from scaling_studies.errors import ScalingStudiesError
from scaling_studies.forecasts.contenders import OF_ONE_AXIS, OF_SIZE_AND_DATA
from scaling_studies.artefacts.about import about_project
from scaling_studies.artefacts.code import code_hash
from scaling_studies.fits.shards import shard_ranges
from scaling_studies.sources.files import Upstream, default_mirror

# One numerical thread a job: jobs run side by side, and sums keep their order whatever the number of cores. No user's
# matplotlibrc: figures of the same content have the same bytes.
os.environ.update(
    OMP_NUM_THREADS="1",
    OPENBLAS_NUM_THREADS="1",
    MKL_NUM_THREADS="1",
    MATPLOTLIBRC=os.devnull,
)

# Of this workflow, also where another one imports it as a module.
PROJECT = Path(workflow.current_basedir).parents[1]

# On a cluster the run table of a study and its fits are one job (profiles/slurm); rules whose names hold a study say so themselves.
PREPARE, CONCLUDE = (None, None) if workflow.local_exec else ("prepare", "conclude")

try:
    CONFIG = study_cards.load_config(dict(config))
    if workflow.is_main_process:
        preflight.check_times(CONFIG.data, "results", "reports", PROJECT / "workflow")
    CARDS, REFUSED = study_cards.sound_cards(CONFIG.cards, CONFIG.studies)
    COMPARISONS = study_cards.load_comparisons(CONFIG.comparisons)
    MIRROR = Path(CONFIG.mirror) if CONFIG.mirror else default_mirror(PROJECT)
    SKIPPED = {}
    for _study in [study for study, card in CARDS.items() if card.is_retrieved]:
        _missing = retrieval.missing_files(
            retrieval.source_folder(CARDS[_study]),
            data_dir=Path(CONFIG.data),
            upstream=Upstream(mirror=MIRROR, cache=Path(CONFIG.cache)),
        )
        if _missing:
            SKIPPED[_study] = (
                f"{_missing[0]} is in neither the mirror nor the cache; `make retrieve` fetches it"
            )
            print(f"Skipping {_study}: {SKIPPED[_study]}", file=sys.stderr)
    # A card that is not in order stops its own study; the others run, and the run ends with an error (rule report_refused).
    if workflow.is_main_process:
        for _study, _problems in REFUSED.items():
            print(f"Error: {_problems[0]}", file=sys.stderr)
            if len(_problems) > 1:
                print(
                    f"({len(_problems) - 1} more: scaling-studies check {_study})", file=sys.stderr
                )
    if not CARDS:
        raise WorkflowError(f"no card is in order: {', '.join(REFUSED)}")
    ALL_CARDS, CARDS = CARDS, {study: card for study, card in CARDS.items() if study not in SKIPPED}
except ScalingStudiesError as error:
    raise WorkflowError(str(error)) from None

STUDIES = sorted(CARDS)
# What pages call studies and fits, and why studies are not run.
NAMES = {study: display_name(card) for study, card in CARDS.items()}
TITLES = {
    study: {fit: entry.title for fit, entry in card.fits.items()} for study, card in CARDS.items()
}
# Columns of sizes: what the N of a law counts.
SIZES = {
    study: {fit: str((entry.axes or {}).get("params")) for fit, entry in card.fits.items()}
    for study, card in CARDS.items()
}
NOT_RUN = {study: str(problems[0]) for study, problems in REFUSED.items()} | SKIPPED
# Single claims of the literature; own projects have none.
CLAIMS = Path(CONFIG.data) / "claims/claims.csv"
FITS = [(study, fit) for study, fit, _ in study_cards.each_fit(CARDS)]
# Fits whose choices are varied and which are rolled out, of studies that have some.
CHOSEN = {
    study: chosen
    for study, card in CARDS.items()
    if CONFIG.choices and (chosen := chosen_fits(card.fits, card.laws))
}
FIGURES = [
    f"reports/figures/{study}/{figure}.svg"
    for study, card in CARDS.items()
    for figure in card.figures
] + [f"reports/figures/comparisons/{figure}.svg" for figure in COMPARISONS]
# Never made: what the run is asked for when a card is refused.
REFUSALS = ["results/refused"] if REFUSED else []


wildcard_constraints:
    study="|".join(STUDIES),
    fit=r"[a-zA-Z][a-zA-Z0-9_.+-]*?",
    figure=r"[a-z][a-z0-9_]*",


def fit_entry(wildcards):
    """Entry of a fit in its card."""
    fits = CARDS[wildcards.study].fits
    if wildcards.fit not in fits:
        raise WorkflowError(
            f"study {wildcards.study} has no fit {wildcards.fit}; it has {', '.join(fits)}"
        )
    return fits[wildcards.fit]


def text_of(part):
    """A part of the cards or of the settings for `params`: one line of text with a fixed order, so that Snakemake sees when it changes.

    The part, or a function of the wildcards that gives it. Snakemake gets a function, whose text it leaves alone: texts may
    have braces of their own, which in a plain one would be wildcards.
    """
    if callable(part):
        return lambda wildcards: json_of(part(wildcards))
    text = json_of(part)
    return lambda wildcards: text


def json_of(value):
    """Entries and plain values as one line of JSON."""
    return json.dumps(
        value, sort_keys=True, ensure_ascii=False, default=lambda part: part.as_dict()
    )


def resolved(study, fit):
    """Entry of a fit as its jobs get it."""
    return resolve_fit(CARDS[study], fit)


def by_attempt(amount):
    """Memory or time for a rule that grows with each attempt, for clusters that retry."""
    return lambda wildcards, attempt: amount * attempt


def code_of(rule, fits=(), kinds=(), *, more_laws=(), more_estimators=()):
    """Hash of everything of the library that the script of a rule uses, as a function of a job's wildcards.

    The laws and estimators of the given pairs of study and fit count, further ones that are named, and the given kinds of
    figures, as the script loads them by name; of what else it loads by name, all. Fits and kinds may be functions of the wildcards.
    """
    script = PROJECT / "workflow" / "scripts" / f"{rule}.py"

    def code(wildcards):
        laws, estimators = plug_ins_of(fits(wildcards) if callable(fits) else fits)
        figures = kinds(wildcards) if callable(kinds) else kinds
        laws, estimators = laws | {*more_laws}, estimators | {*more_estimators}
        return code_hash(script, laws=laws, estimators=estimators, figures=figures)

    return code


def plug_ins_of(fits):
    """Laws and estimators of some fits, with the laws of fits that they are chained to."""
    laws, estimators = set(), set()
    for study, fit in fits:
        entries = CARDS[study].fits
        chained = [entries[chain.fit] for chain in entries[fit].chain.values()]
        laws |= {entry.law for entry in (entries[fit], *chained)}
        estimators.add(entries[fit].estimator)
    return laws, estimators & {*registry.names("estimators")}
