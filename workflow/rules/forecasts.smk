# Smaller runs -> predictions of larger ones -> laws ranked by extrapolation -> what they imply for the next run.
#
# Every study whose headline fits are of a loss is rolled out by every law that applies; its own fits are ranked, and the next run is planned, where
# its card asks for it (`ranking`, `plan`).
# Reads:  points and resamples of the fits that the card names; for the plan also the laws of the other studies.
# Writes: results/forecasts/<study>.parquet (one row a prediction by a law, a combination of laws or a naive peer);
#         results/backtests/<study>/<fit>.parquet (one row a prediction), results/rankings/<study>.parquet (one row a law),
#         results/plans/<study>.parquet (one row a law and multiple of the largest compute).


# On a cluster these run where the workflow was started: each takes a second.
localrules:
    compare_laws,
    compare_plans,


rule backtest_fit:
    input:
        points="results/fits/{study}/{fit}.points.parquet",
    output:
        rollout="results/backtests/{study}/{fit}.parquet",
    log:
        "logs/backtest_fit/{study}/{fit}.log",
    benchmark:
        "benchmarks/backtest_fit/{study}/{fit}.tsv"
    conda:
        "../../environment.yml"
    threads: 1
    resources:
        mem_mb=by_attempt(1000),
        runtime=by_attempt(60),
    params:
        entry=text_of(lambda wildcards: resolved(wildcards.study, wildcards.fit)),
        by=text_of(lambda wildcards: part_of_card(wildcards, "ranking").by),
        code=code_of("backtest_fit", this_fit),
    message:
        "Predicting larger runs from smaller ones by {wildcards.fit} of {wildcards.study}"
    script:
        "../scripts/backtest_fit.py"


rule compare_laws:
    input:
        points=lambda wildcards: paths_of(
            fits_of_part(wildcards, "ranking"), "results/fits/{study}/{fit}.points.parquet"
        ),
        rollouts=lambda wildcards: paths_of(
            fits_of_part(wildcards, "ranking"), "results/backtests/{study}/{fit}.parquet"
        ),
    output:
        ranking="results/rankings/{study}.parquet",
    log:
        "logs/compare_laws/{study}.log",
    benchmark:
        "benchmarks/compare_laws/{study}.tsv"
    conda:
        "../../environment.yml"
    threads: 1
    resources:
        mem_mb=by_attempt(500),
        runtime=by_attempt(10),
    params:
        entries=text_of(
            lambda wildcards: {
                fit: resolved(wildcards.study, fit)
                for fit in part_of_card(wildcards, "ranking").fits
            }
        ),
        # The order of a mapping in text is not that of the card.
        order=text_of(lambda wildcards: part_of_card(wildcards, "ranking").fits),
        code=code_of("compare_laws", lambda wildcards: fits_of_part(wildcards, "ranking")),
    message:
        "Ranking the laws of {wildcards.study}"
    script:
        "../scripts/compare_laws.py"


rule compare_plans:
    input:
        fits=lambda wildcards: paths_of(
            fits_of_part(wildcards, "plan"), "results/fits/{study}/{fit}.json"
        ),
        points=lambda wildcards: paths_of(
            fits_of_part(wildcards, "plan"), "results/fits/{study}/{fit}.points.parquet"
        ),
        resamples=lambda wildcards: resampled_of(fits_of_part(wildcards, "plan"), "parquet"),
        ranking=ranking_of,
        other_fits=lambda wildcards: paths_of(
            laws_of_others(wildcards), "results/fits/{study}/{fit}.json"
        ),
        other_resamples=lambda wildcards: resampled_of(laws_of_others(wildcards), "parquet"),
    output:
        plan="results/plans/{study}.parquet",
    log:
        "logs/compare_plans/{study}.log",
    benchmark:
        "benchmarks/compare_plans/{study}.tsv"
    conda:
        "../../environment.yml"
    threads: 1
    resources:
        mem_mb=by_attempt(1000),
        runtime=by_attempt(10),
    params:
        multiples=lambda wildcards: list(part_of_card(wildcards, "plan").multiples),
        code=code_of(
            "compare_plans",
            lambda wildcards: [*fits_of_part(wildcards, "plan"), *laws_of_others(wildcards)],
        ),
    message:
        "Planning the next run of {wildcards.study}"
    script:
        "../scripts/compare_plans.py"


for _study, _chosen in CHOSEN.items():

    rule:
        name:
            f"roll_out_{_study}"
        input:
            points=[f"results/fits/{_study}/{fit}.points.parquet" for fit in _chosen],
        output:
            f"results/forecasts/{_study}.parquet",
        log:
            f"logs/roll_out/{_study}.log",
        benchmark:
            f"benchmarks/roll_out/{_study}.tsv"
        group:
            CONCLUDE
        conda:
            "../../environment.yml"
        threads: 1
        resources:
            slots=1,
            mem_mb=by_attempt(1000),
            runtime=by_attempt(30),
        params:
            study=_study,
            entries=text_of({fit: resolved(_study, fit) for fit in _chosen}),
            code=code_of(
                "roll_out",
                [(_study, fit) for fit in _chosen],
                more_laws=[*OF_SIZE_AND_DATA, *OF_ONE_AXIS],
                more_estimators=["parametric"],
            ),
        message:
            f"Predicting larger runs from smaller ones of {_study}"
        script:
            "../scripts/roll_out.py"
