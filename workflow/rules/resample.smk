# Point estimate -> uncertainty.
#
# Reads:  a fit's artefact and its points, the run table where points are made from several rows, and the resamples of the fits chained to it.
# Writes: results/resamples/<study>/<fit>.parquet (one row a resample) and <fit>.json (intervals and standard errors).


rule resample_fit:
    input:
        fit="results/fits/{study}/{fit}.json",
        points="results/fits/{study}/{fit}.points.parquet",
        # A fit of reduced rows draws the rows before the reduction.
        runs=lambda wildcards: (runs_of_fit(wildcards) if "reduce" in fit_entry(wildcards) else []),
        chained=chained_resamples,
    output:
        resamples="results/resamples/{study}/{fit}.parquet",
        intervals="results/resamples/{study}/{fit}.json",
    log:
        "logs/resample_fit/{study}/{fit}.log",
    benchmark:
        "benchmarks/resample_fit/{study}/{fit}.tsv"
    conda:
        "../../environment.yml"
    threads: 1
    resources:
        mem_mb=2000,
        runtime=60,
    params:
        entry=lambda wildcards: text_of(
            study_cards.resolve_fit(CARDS[wildcards.study], wildcards.fit)
        ),
        resamples=CONFIG["resamples"],
        code=lambda wildcards: code_of("resample_fit", *law_modules(wildcards)),
    message:
        "Resampling {wildcards.fit} of {wildcards.study}"
    script:
        "../scripts/resample_fit.py"
