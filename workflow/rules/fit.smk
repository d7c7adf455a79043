# Run table -> point estimate with its evidence.
#
# Reads:  results/runs/<study>.parquet, and for a chained law the other fit's artefact.
# Writes: results/fits/<study>/<fit>.json (parameters, objective, quantities, evidence) and <fit>.points.parquet (fitted and held-out points).


rule fit_law:
    input:
        runs=runs_of_fit,
        chained=lambda wildcards: chained_fits(wildcards, "results/fits/{study}/{fit}.json"),
    output:
        fit="results/fits/{study}/{fit}.json",
        points="results/fits/{study}/{fit}.points.parquet",
    log:
        "logs/fit_law/{study}/{fit}.log",
    benchmark:
        "benchmarks/fit_law/{study}/{fit}.tsv"
    conda:
        "../../environment.yml"
    threads: 1
    resources:
        mem_mb=by_attempt(1000),
        runtime=by_attempt(30),
    params:
        entry=lambda wildcards: text_of(
            study_cards.resolve_fit(CARDS[wildcards.study], wildcards.fit)
        ),
        code=lambda wildcards: code_of("fit_law", *law_modules(wildcards)),
    message:
        "Fitting {wildcards.fit} of {wildcards.study}"
    script:
        "../scripts/fit_law.py"
