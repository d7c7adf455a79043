# Input functions: which files a job reads, from the study cards.

from pathlib import Path

# paths of fits


def paths_of(fits, pattern):
    """One path for each of the given fits."""
    return [pattern.format(study=study, fit=fit) for study, fit in fits]


def resampled_of(fits, ending):
    """One path under results/resamples for each of the given fits that has resamples."""
    return [
        f"results/resamples/{study}/{fit}.{ending}"
        for study, fit in fits
        if CARDS[study].fits[fit].is_resampled
    ]


def fit_to_resample(wildcards):
    """Artefact of a fit that has resamples."""
    if not fit_entry(wildcards).is_resampled:
        raise WorkflowError(
            f"fit {wildcards.fit} of {wildcards.study} has no resamples: its parameters are given, or its "
            f"card says `resample: {{kind: none}}`. What is known of its uncertainty is in "
            f"results/fits/{wildcards.study}/{wildcards.fit}.json"
        )
    return f"results/fits/{wildcards.study}/{wildcards.fit}.json"


def this_fit(wildcards):
    """The fit that a job is about."""
    return [(wildcards.study, wildcards.fit)]


# normalize


def data_folder(wildcards):
    """Folder that the file names of a card are relative to."""
    return "results/retrieved" if CARDS[wildcards.study].is_retrieved else CONFIG.data


def table_files(wildcards):
    """Raw files of a study, in a fixed order."""
    files = {name for table in CARDS[wildcards.study].tables.values() for name in table.files}
    return [f"{data_folder(wildcards)}/{name}" for name in sorted(files)]


# fit and resample


def runs_of_fit(study, fit):
    """Run table that a fit reads; none for a law of which only the constants are printed."""
    entry = CARDS[study].fits[fit]
    return [f"results/runs/{source_study(study, entry)}.parquet"] if entry.has_rows else []


def resampled_fits(study):
    """Fits of a study that have resamples."""
    return [fit for fit, entry in CARDS[study].fits.items() if entry.is_resampled]


def resamples_of(study):
    """How many resamples each fit of a study has."""
    return min(CONFIG.resamples, CARDS[study].resamples or CONFIG.resamples)


def needed_by(study, fit):
    """Fits whose resamples a fit's own are combined with."""
    return sorted(resamples_needed(CARDS[study].fits[fit]))


def rows_before_reduction(study, fit):
    """Run table of a fit of reduced rows: it draws the rows before the reduction."""
    return runs_of_fit(study, fit) if CARDS[study].fits[fit].reduce else []


def shards_of(wildcards):
    """Files that hold the resamples of a fit in parts."""
    return [
        f"results/shards/{wildcards.study}/{wildcards.fit}.{numbers.start}-{numbers.stop}.parquet"
        for numbers in shard_ranges(resamples_of(wildcards.study), CONFIG.shards)
    ]


# judge


def fits_of_study(wildcards):
    """Fits of a study."""
    return [(wildcards.study, fit) for fit in CARDS[wildcards.study].fits]


# compare

HEADLINES = [
    (study, fit) for study, fit, entry in study_cards.each_fit(CARDS) if entry.headline is not None
]

WITH_HELD_OUT = [
    (study, fit) for study, fit, entry in study_cards.each_fit(CARDS) if entry.held_out is not None
]

# Fits that say how repeated data lose their value, which plans under other laws borrow.
OF_REPEATS = [
    (study, fit) for study, fit, entry in study_cards.each_fit(CARDS) if entry.law == REPEATED_LAW
]

# Laws of the best size alone that stand beside laws of size and data, and fits of their data.
OF_OPTIMA = with_optima(CARDS)

# Headline fits, and those that a step of a ladder leads to or from.
AGREED = [
    (study, fit)
    for study, card in CARDS.items()
    for fit, entry in card.fits.items()
    if entry.headline is not None or fit in laddered(card.fits)
]

# Studies whose run tables hold losses.
WITH_LOSSES = [
    study
    for study, card in CARDS.items()
    if any(each.metric == LOSS for table in card.tables.values() for each in table.measurements)
]


# vary

VARIED = [(study, fit) for study, fits in CHOSEN.items() for fit in fits]


def choices_of(wildcards):
    """Universes of a study; none when no fit of it has choices to vary."""
    varied = wildcards.study in CHOSEN
    return [f"results/choices/{wildcards.study}.parquet"] if varied else []


def forecasts_of(wildcards):
    """Roll-outs of a study; none when no fit of it is rolled out."""
    varied = wildcards.study in CHOSEN
    return [f"results/forecasts/{wildcards.study}.parquet"] if varied else []


# backtest


def part_of_card(wildcards, part):
    """The part `ranking` or `plan` of a study's card."""
    wanted = getattr(CARDS[wildcards.study], part)
    if wanted is None:
        raise WorkflowError(
            f"the card of {wildcards.study} has no `{part}`; config/README.md says what it holds"
        )
    return wanted


def fits_of_part(wildcards, part):
    """Fits that the `ranking` or `plan` of a study names."""
    return [(wildcards.study, fit) for fit in part_of_card(wildcards, part).fits]


def ranking_of(wildcards):
    """A study's laws ranked by extrapolation; none when its card does not ask for it."""
    asked = CARDS[wildcards.study].ranking
    return [f"results/rankings/{wildcards.study}.parquet"] if asked else []


def plan_of(wildcards):
    """What a study's laws imply for its next run; none when its card does not ask for it."""
    asked = CARDS[wildcards.study].plan
    return [f"results/plans/{wildcards.study}.parquet"] if asked else []


def laws_of_others(wildcards):
    """Headline fits of the other studies whose laws divide compute between size and data."""
    return [
        (study, fit)
        for study, fit in HEADLINES
        if study != wildcards.study and has_allocation(CARDS[study].fits[fit])
    ]


def exponents_of_all(wildcards):
    """Exponents of all studies, for a page that shows where its own stand among them."""
    asked = CARDS[wildcards.study].ranking or CARDS[wildcards.study].plan
    return ["results/comparisons/exponents.parquet"] if asked else []


def fits_on_page(wildcards):
    """Fits whose laws the page of a study shows: its own, and those that its runs stand among."""
    return [*fits_of_study(wildcards), *(HEADLINES if exponents_of_all(wildcards) else [])]


def names_for_forecasts(wildcards):
    """Names of the studies that a page compares its own runs with."""
    return NAMES if exponents_of_all(wildcards) else {}


# plot


def shown_part(study):
    """What figures use of a card: names, colour, and what its fits and tables are."""
    return CARDS[study].given("study", "title", "name", "citation", "colour", "tables", "fits")


def shown_fits(study):
    """Fits that the figures of a study show: all of them where an entry names none."""
    named = [entry.fits or CARDS[study].fits for entry in CARDS[study].figures.values()]
    return [(study, fit) for fit in CARDS[study].fits if any(fit in fits for fits in named)]


# render


def figures_of_study(wildcards, ending):
    """One path for each figure of a study."""
    return [
        f"reports/figures/{wildcards.study}/{figure}.{ending}"
        for figure in CARDS[wildcards.study].figures
    ]


def source_records(wildcards):
    """Source records of the folders that a study's tables come from."""
    tables = CARDS[wildcards.study].tables.values()
    folders = {Path(table.file).parts[0] for table in tables}
    records = [Path(CONFIG.data) / folder / "source.yaml" for folder in sorted(folders)]
    return [record.as_posix() for record in records if record.is_file()]
