# Fits and resamples -> verdicts on published numbers, on laws and on single claims, checks for the known mistakes of fitting.
#
# Reads:  every fit's artefact, points and intervals; choices and roll-outs of studies that have them.
# Writes: results/fits.parquet (all parameters, long); results/verdicts/<study>.parquet and results/laws/<study>.parquet and, gathered,
#         results/verdicts.parquet (published | refit | interval | verdict | reason | evidence) and results/laws.parquet (one row a law, a sentence each);
#         results/checks/<study>.json (findings of all checks); results/claims.parquet (one row a claim of the literature).


# On a cluster these run where the workflow was started: each takes seconds, and waits for all studies.
localrules:
    collect_fits,
    collect_verdicts,
    judge_claims,


rule collect_fits:
    input:
        fits=paths_of(FITS, "results/fits/{study}/{fit}.json"),
        intervals=resampled_of(FITS, "json"),
    output:
        fits="results/fits.parquet",
    log:
        "logs/collect_fits.log",
    benchmark:
        "benchmarks/collect_fits.tsv"
    conda:
        "../../environment.yml"
    threads: 1
    resources:
        mem_mb=by_attempt(500),
        runtime=by_attempt(10),
    params:
        code=code_of("collect_fits"),
    message:
        "Gathering the parameters of all fits"
    script:
        "../scripts/collect_fits.py"


if CLAIMS.is_file():

    rule judge_claims:
        input:
            claims=str(CLAIMS),
            fits=paths_of(FITS, "results/fits/{study}/{fit}.json"),
            intervals=resampled_of(FITS, "json"),
            points=paths_of(FITS, "results/fits/{study}/{fit}.points.parquet"),
        output:
            claims="results/claims.parquet",
        log:
            "logs/judge_claims.log",
        benchmark:
            "benchmarks/judge_claims.tsv"
        conda:
            "../../environment.yml"
        threads: 1
        resources:
            mem_mb=by_attempt(500),
            runtime=by_attempt(10),
        params:
            code=code_of("judge_claims"),
        message:
            "Judging single claims of the literature"
        script:
            "../scripts/judge_claims.py"


rule judge_targets:
    input:
        fits=lambda wildcards: paths_of(fits_of_study(wildcards), "results/fits/{study}/{fit}.json"),
        intervals=lambda wildcards: resampled_of(fits_of_study(wildcards), "json"),
        points=lambda wildcards: paths_of(
            fits_of_study(wildcards), "results/fits/{study}/{fit}.points.parquet"
        ),
        ranking=ranking_of,
        choices=choices_of,
        forecasts=forecasts_of,
        # How often simulated intervals held; a project without the record checks nothing by it.
        coverage=[path for path in ("config/coverage.csv",) if Path(path).is_file()],
    output:
        verdicts="results/verdicts/{study}.parquet",
        laws="results/laws/{study}.parquet",
        checks="results/checks/{study}.json",
    log:
        "logs/judge_targets/{study}.log",
    benchmark:
        "benchmarks/judge_targets/{study}.tsv"
    conda:
        "../../environment.yml"
    threads: 1
    resources:
        mem_mb=by_attempt(500),
        runtime=by_attempt(10),
    params:
        card=text_of(lambda wildcards: checked_part(CARDS[wildcards.study], ALL_CARDS)),
        laws=text_of(lambda wildcards: CARDS[wildcards.study].laws),
        code=code_of("judge_targets", fits_of_study),
    message:
        "Judging the published numbers, the laws and the fits of {wildcards.study}"
    script:
        "../scripts/judge_targets.py"


rule collect_verdicts:
    input:
        verdicts=expand("results/verdicts/{study}.parquet", study=STUDIES),
        laws=expand("results/laws/{study}.parquet", study=STUDIES),
    output:
        verdicts="results/verdicts.parquet",
        laws="results/laws.parquet",
    log:
        "logs/collect_verdicts.log",
    benchmark:
        "benchmarks/collect_verdicts.tsv"
    conda:
        "../../environment.yml"
    threads: 1
    resources:
        mem_mb=by_attempt(500),
        runtime=by_attempt(10),
    params:
        code=code_of("collect_verdicts"),
    message:
        "Gathering the verdicts of all studies"
    script:
        "../scripts/collect_verdicts.py"
