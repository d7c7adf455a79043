# Run table -> point estimate with its evidence.
#
# Reads:  results/runs/<study>.parquet, and for a chained law the other fit's artefact.
# Writes: results/fits/<study>/<fit>.json (parameters, objective, quantities, evidence) and <fit>.points.parquet (fitted and held-out points).


def runs_of_fit(wildcards):
    """Run table that a fit reads; none for a law of which only the constants are printed."""
    entry = fit_entry(wildcards)
    if entry.get("estimator") in study_cards.WITHOUT_ROWS:
        return []
    return f"results/runs/{study_cards.source_study(wildcards.study, entry)}.parquet"


def chained_fits(wildcards, pattern):
    """Artefacts of the fits whose laws are applied to this fit's prediction."""
    chains = fit_entry(wildcards).get("chain", {})
    return [
        pattern.format(study=wildcards.study, fit=chain["fit"])
        for chain in chains.values()
    ]


def chained_resamples(wildcards):
    """Resamples that a fit's own are combined with: of chained laws, and of fits that lend their covariance."""
    entry = fit_entry(wildcards)
    names = {chain["fit"] for chain in entry.get("chain", {}).values()}
    names |= {
        item["covariance_of"]
        for item in entry.get("quantities", {}).values()
        if "covariance_of" in item
    }
    return [
        f"results/resamples/{wildcards.study}/{fit}.parquet" for fit in sorted(names)
    ]


def law_modules(wildcards):
    """Modules of the laws that a fit uses: they are chosen by name when the job runs."""
    entry = fit_entry(wildcards)
    fits = CARDS[wildcards.study]["fits"]
    laws = {
        entry["law"],
        *(fits[chain["fit"]]["law"] for chain in entry.get("chain", {}).values()),
    }
    return [f"scaling_studies.laws.{law}" for law in sorted(laws)]


rule fit_law:
    input:
        runs=runs_of_fit,
        chained=lambda wildcards: chained_fits(
            wildcards, "results/fits/{study}/{fit}.json"
        ),
    output:
        fit="results/fits/{study}/{fit}.json",
        points="results/fits/{study}/{fit}.points.parquet",
    log:
        "logs/fit_law/{study}/{fit}.log",
    benchmark:
        "benchmarks/fit_law/{study}/{fit}.tsv"
    threads: 1
    resources:
        mem_mb=1000,
        runtime=30,
    params:
        entry=lambda wildcards: text_of(
            study_cards.resolve_fit(CARDS[wildcards.study], wildcards.fit)
        ),
        code=lambda wildcards: code_of("fit_law", *law_modules(wildcards)),
    message:
        "Fitting {wildcards.fit} of {wildcards.study}"
    script:
        "../scripts/fit_law.py"
