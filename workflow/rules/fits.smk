# Run tables -> point estimates with their evidence -> their uncertainty.
#
# Reads:  results/runs/<study>.parquet; none for laws of which only the constants are printed.
# Writes: results/fits/<study>/<fit>.json (parameters, objective, quantities, evidence) and <fit>.points.parquet (fitted and held-out points);
#         results/resamples/<study>/<fit>.parquet (one row a resample) and <fit>.json (intervals and standard errors).
#
# A fit takes less time than starting Python does, so that one job makes all fits of a study: each study has a rule of its own.
# Resampling, which takes long, is a job a fit. With the setting `shards` the refits are divided among jobs (results/shards/, temporary);
# how many there are changes no byte of the result.

for _study, _card in CARDS.items():

    rule:
        name:
            f"fit_{_study}"
        input:
            sorted({path for fit in _card["fits"] for path in runs_of_fit(_study, fit)}),
        output:
            fits=[f"results/fits/{_study}/{fit}.json" for fit in _card["fits"]],
            points=[f"results/fits/{_study}/{fit}.points.parquet" for fit in _card["fits"]],
        log:
            f"logs/fit_laws/{_study}.log",
        benchmark:
            f"benchmarks/fit_laws/{_study}.tsv"
        group:
            PREPARE
        conda:
            "../../environment.yml"
        threads: 1
        resources:
            mem_mb=by_attempt(1000),
            runtime=by_attempt(30),
        params:
            study=_study,
            entries=text_of({fit: study_cards.resolve_fit(_card, fit) for fit in _card["fits"]}),
            runs={fit: "".join(runs_of_fit(_study, fit)) for fit in _card["fits"]},
            code=code_of("fit_laws", *fit_modules(_study, _card["fits"])),
        message:
            f"Fitting {len(_card['fits'])} laws of {_study}"
        script:
            "../scripts/fit_laws.py"


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
        code=lambda wildcards: code_of("resample_shard", *modules_of_fit(wildcards)),
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
        code=lambda wildcards: code_of("resample_fit", *modules_of_fit(wildcards)),
    message:
        "Resampling {wildcards.fit} of {wildcards.study}"
    script:
        "../scripts/resample_fit.py"
