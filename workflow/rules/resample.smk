# Point estimate -> uncertainty.
#
# Reads:  a fit's artefact and its points, the run table where points are made from several rows, and the resamples of the fits chained to it.
# Writes: results/resamples/<study>/<fit>.parquet (one row a resample) and <fit>.json (intervals and standard errors).
#
# With the setting `shards` the refits are divided among jobs (results/shards/, temporary); how many there are changes no byte of the result.


rule resample_shard:
    input:
        fit=fit_to_resample,
        points="results/fits/{study}/{fit}.points.parquet",
        runs=rows_before_reduction,
    output:
        shard=temp("results/shards/{study}/{fit}.{start}-{stop}.parquet"),
        checksum=temp("results/shards/{study}/{fit}.{start}-{stop}.parquet.sha256"),
    log:
        "logs/resample_shard/{study}/{fit}.{start}-{stop}.log",
    benchmark:
        "benchmarks/resample_shard/{study}/{fit}.{start}-{stop}.tsv"
    wildcard_constraints:
        start=r"\d+",
        stop=r"\d+",
    conda:
        "../../environment.yml"
    threads: 1
    resources:
        mem_mb=by_attempt(2000),
        runtime=by_attempt(60),
    params:
        entry=lambda wildcards: text_of(
            study_cards.resolve_fit(CARDS[wildcards.study], wildcards.fit)
        ),
        code=lambda wildcards: code_of("resample_shard", *law_modules_of_fit(wildcards)),
    message:
        "Refitting resamples {wildcards.start} to {wildcards.stop} for {wildcards.fit} of {wildcards.study}"
    script:
        "../scripts/resample_shard.py"


rule resample_fit:
    input:
        fit=fit_to_resample,
        points="results/fits/{study}/{fit}.points.parquet",
        runs=rows_before_reduction,
        chained=chained_resamples,
        shards=shards_of,
        # A temporary file lives until its last reader is done: the checksums are read with the shards.
        checksums=lambda wildcards: [f"{shard}.sha256" for shard in shards_of(wildcards)],
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
        mem_mb=by_attempt(2000),
        runtime=by_attempt(60),
    params:
        entry=lambda wildcards: text_of(
            study_cards.resolve_fit(CARDS[wildcards.study], wildcards.fit)
        ),
        resamples=CONFIG["resamples"],
        code=lambda wildcards: code_of("resample_fit", *law_modules_of_fit(wildcards)),
    message:
        "Resampling {wildcards.fit} of {wildcards.study}"
    script:
        "../scripts/resample_fit.py"
