# Fits of all studies -> tables on common axes.
#
# Reads:  artefacts and resamples of the fits that their cards call `headline`, the points of fits with held-out rows, all choices, and the run tables with losses.
# Writes: results/comparisons/{exponents,allocation,held_out,choices}.parquet, universes (each answer of the choices); of allocation: trade_offs (laws in one form), optima (laws of the best size alone), plans (for each purpose); of agreement: estimates (what each number counts), agreement (comparable groups), ladders, cross_predictions, parabolas (Approach 2 replayed); noise_floor (of replicates); run_map (sizes and data of runs); of forecasts: coverage, intervals (their score), board (laws), new_runs (what distance costs).


# On a cluster these run where the workflow was started: each takes seconds, and waits for all studies.
localrules:
    compare_exponents,
    compare_allocation,
    compare_held_out,
    compare_choices,
    compare_forecasts,
    compare_agreement,
    compare_replicates,
    map_runs,


rule compare_exponents:
    input:
        fits=paths_of(HEADLINES, "results/fits/{study}/{fit}.json"),
        intervals=resampled_of(HEADLINES, "json"),
    output:
        "results/comparisons/exponents.parquet",
    log:
        "logs/compare_exponents.log",
    benchmark:
        "benchmarks/compare_exponents.tsv"
    conda:
        "../../environment.yml"
    threads: 1
    resources:
        mem_mb=by_attempt(500),
        runtime=by_attempt(10),
    params:
        code=code_of("compare_exponents"),
    message:
        "Comparing exponents"
    script:
        "../scripts/compare_exponents.py"


rule compare_allocation:
    input:
        fits=paths_of(HEADLINES, "results/fits/{study}/{fit}.json"),
        points=paths_of(HEADLINES, "results/fits/{study}/{fit}.points.parquet"),
        resamples=resampled_of(HEADLINES, "parquet"),
        repeated=paths_of(OF_REPEATS, "results/fits/{study}/{fit}.json"),
        best=paths_of(OF_OPTIMA, "results/fits/{study}/{fit}.json"),
        best_points=paths_of(OF_OPTIMA, "results/fits/{study}/{fit}.points.parquet"),
        best_resamples=resampled_of(OF_OPTIMA, "parquet"),
    output:
        allocation="results/comparisons/allocation.parquet",
        laws="results/comparisons/trade_offs.parquet",
        plans="results/comparisons/plans.parquet",
        optima="results/comparisons/optima.parquet",
    log:
        "logs/compare_allocation.log",
    benchmark:
        "benchmarks/compare_allocation.tsv"
    conda:
        "../../environment.yml"
    threads: 1
    resources:
        mem_mb=by_attempt(1000),
        runtime=by_attempt(10),
    params:
        cards=text_of({study: shown_part(study) for study, _ in OF_OPTIMA}),
        code=code_of("compare_allocation", [*HEADLINES, *OF_REPEATS, *OF_OPTIMA]),
    message:
        "Comparing what laws say to train"
    script:
        "../scripts/compare_allocation.py"


rule compare_held_out:
    input:
        fits=paths_of(WITH_HELD_OUT, "results/fits/{study}/{fit}.json"),
        points=paths_of(WITH_HELD_OUT, "results/fits/{study}/{fit}.points.parquet"),
        resamples=resampled_of(WITH_HELD_OUT, "parquet"),
    output:
        "results/comparisons/held_out.parquet",
    log:
        "logs/compare_held_out.log",
    benchmark:
        "benchmarks/compare_held_out.tsv"
    conda:
        "../../environment.yml"
    threads: 1
    resources:
        mem_mb=by_attempt(1000),
        runtime=by_attempt(10),
    params:
        code=code_of("compare_held_out", WITH_HELD_OUT),
    message:
        "Comparing held-out errors"
    script:
        "../scripts/compare_held_out.py"


rule compare_choices:
    input:
        choices=expand("results/choices/{study}.parquet", study=CHOSEN),
        fits=paths_of(VARIED, "results/fits/{study}/{fit}.json"),
        intervals=resampled_of(VARIED, "json"),
    output:
        summary="results/comparisons/choices.parquet",
        each="results/comparisons/universes.parquet",
    log:
        "logs/compare_choices.log",
    benchmark:
        "benchmarks/compare_choices.tsv"
    conda:
        "../../environment.yml"
    threads: 1
    resources:
        mem_mb=by_attempt(1000),
        runtime=by_attempt(10),
    params:
        entries=text_of(
            {study: {fit: resolved(study, fit) for fit in fits} for study, fits in CHOSEN.items()}
        ),
        code=code_of("compare_choices", VARIED),
    message:
        "Comparing what choices do with what sampling does"
    script:
        "../scripts/compare_choices.py"


rule compare_forecasts:
    input:
        forecasts=expand("results/forecasts/{study}.parquet", study=CHOSEN),
    output:
        "results/comparisons/coverage.parquet",
        "results/comparisons/intervals.parquet",
        "results/comparisons/board.parquet",
        "results/comparisons/new_runs.parquet",
    log:
        "logs/compare_forecasts.log",
    benchmark:
        "benchmarks/compare_forecasts.tsv"
    conda:
        "../../environment.yml"
    threads: 1
    resources:
        mem_mb=by_attempt(1000),
        runtime=by_attempt(10),
    params:
        code=code_of("compare_forecasts"),
    message:
        "Comparing forecasts with what was measured"
    script:
        "../scripts/compare_forecasts.py"


rule compare_agreement:
    input:
        fits=paths_of(AGREED, "results/fits/{study}/{fit}.json"),
        points=paths_of(AGREED, "results/fits/{study}/{fit}.points.parquet"),
        intervals=resampled_of(AGREED, "json"),
    output:
        estimates="results/comparisons/estimates.parquet",
        agreement="results/comparisons/agreement.parquet",
        ladders="results/comparisons/ladders.parquet",
        cross_predictions="results/comparisons/cross_predictions.parquet",
        parabolas="results/comparisons/parabolas.parquet",
    log:
        "logs/compare_agreement.log",
    benchmark:
        "benchmarks/compare_agreement.tsv"
    conda:
        "../../environment.yml"
    threads: 1
    resources:
        mem_mb=by_attempt(1000),
        runtime=by_attempt(10),
    params:
        cards=text_of({study: shown_part(study) for study in STUDIES}),
        code=code_of(
            "compare_agreement",
            AGREED,
            more_laws=["additive", "compute_optimal"],
            more_estimators=["isoflop", "parametric"],
        ),
    message:
        "Comparing what studies found where their numbers mean the same"
    script:
        "../scripts/compare_agreement.py"


rule compare_replicates:
    input:
        expand("results/runs/{study}.parquet", study=WITH_LOSSES),
    output:
        "results/comparisons/noise_floor.parquet",
    log:
        "logs/compare_replicates.log",
    benchmark:
        "benchmarks/compare_replicates.tsv"
    conda:
        "../../environment.yml"
    threads: 1
    resources:
        mem_mb=by_attempt(1000),
        runtime=by_attempt(10),
    params:
        cards=text_of({study: shown_part(study) for study in WITH_LOSSES}),
        code=code_of("compare_replicates"),
    message:
        "Comparing runs that differ only in their seed"
    script:
        "../scripts/compare_replicates.py"


rule map_runs:
    input:
        expand("results/runs/{study}.parquet", study=WITH_LOSSES),
    output:
        "results/comparisons/run_map.parquet",
    log:
        "logs/map_runs.log",
    benchmark:
        "benchmarks/map_runs.tsv"
    conda:
        "../../environment.yml"
    threads: 1
    resources:
        mem_mb=by_attempt(1000),
        runtime=by_attempt(10),
    params:
        topics=text_of({study: CARDS[study].topic or "" for study in WITH_LOSSES}),
        code=code_of("map_runs"),
    message:
        "Mapping at which sizes and data studies have runs"
    script:
        "../scripts/map_runs.py"
