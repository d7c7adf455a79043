# Artefacts and figures -> pages that open from disk.
#
# Reads:  fit artefacts, intervals, verdicts, checks, figures' descriptions, each study's source record, rankings and plans; a page computes no number.
# Writes: reports/index.html, reports/numbers.html, reports/studies/<study>.html, reports/comparisons.html, reports/allocation.html, reports/choices.html, reports/extrapolation.html, reports/agreement.html, reports/claims.html, reports/glossary.html,
#         reports/assets/vega.js, reports/assets/studies.js.


# On a cluster pages are written where the workflow was started: each takes a second.
localrules:
    render_claims,
    render_study,
    render_comparisons,
    render_choices,
    render_extrapolation,
    render_agreement,
    render_allocation,
    render_glossary,
    render_numbers,
    render_index,
    write_planner_script,
    write_study_list,


rule render_study:
    input:
        fits=lambda wildcards: paths_of(fits_of_study(wildcards), "results/fits/{study}/{fit}.json"),
        points=lambda wildcards: paths_of(
            fits_of_study(wildcards), "results/fits/{study}/{fit}.points.parquet"
        ),
        intervals=lambda wildcards: resampled_of(fits_of_study(wildcards), "json"),
        verdicts="results/verdicts/{study}.parquet",
        laws="results/laws/{study}.parquet",
        checks="results/checks/{study}.json",
        figures=lambda wildcards: figures_of_study(wildcards, "json"),
        images=lambda wildcards: figures_of_study(wildcards, "svg"),
        sources=source_records,
        ranking=ranking_of,
        plan=plan_of,
        exponents=exponents_of_all,
    output:
        page="reports/studies/{study}.html",
    log:
        "logs/render_study/{study}.log",
    benchmark:
        "benchmarks/render_study/{study}.tsv"
    conda:
        "../../environment.yml"
    threads: 1
    resources:
        mem_mb=by_attempt(500),
        runtime=by_attempt(10),
    params:
        card=text_of(lambda wildcards: CARDS[wildcards.study]),
        names=text_of(names_for_forecasts),
        claims=text_of(CLAIMS.is_file()),
        code=code_of("render_study", fits_on_page),
    message:
        "Writing the page of {wildcards.study}"
    script:
        "../scripts/render_study.py"


if CLAIMS.is_file():

    rule render_claims:
        input:
            claims="results/claims.parquet",
        output:
            page="reports/claims.html",
        log:
            "logs/render_claims.log",
        benchmark:
            "benchmarks/render_claims.tsv"
        conda:
            "../../environment.yml"
        threads: 1
        resources:
            mem_mb=by_attempt(500),
            runtime=by_attempt(10),
        params:
            names=text_of(NAMES),
            code=code_of("render_claims"),
        message:
            "Writing the page of claims"
        script:
            "../scripts/render_claims.py"


rule render_comparisons:
    input:
        exponents="results/comparisons/exponents.parquet",
        allocation="results/comparisons/allocation.parquet",
        held_out="results/comparisons/held_out.parquet",
        figures=expand("reports/figures/comparisons/{figure}.json", figure=COMPARISONS),
    output:
        page="reports/comparisons.html",
    log:
        "logs/render_comparisons.log",
    benchmark:
        "benchmarks/render_comparisons.tsv"
    conda:
        "../../environment.yml"
    threads: 1
    resources:
        mem_mb=by_attempt(500),
        runtime=by_attempt(10),
    params:
        studies=text_of(NAMES),
        fits=text_of(TITLES),
        claims=text_of(CLAIMS.is_file()),
        code=code_of("render_comparisons", FITS),
    message:
        "Writing the page of comparisons"
    script:
        "../scripts/render_comparisons.py"


rule render_choices:
    input:
        choices="results/comparisons/choices.parquet",
        figures=expand("reports/figures/comparisons/{figure}.json", figure=COMPARISONS),
    output:
        page="reports/choices.html",
    log:
        "logs/render_choices.log",
    benchmark:
        "benchmarks/render_choices.tsv"
    conda:
        "../../environment.yml"
    threads: 1
    resources:
        mem_mb=by_attempt(500),
        runtime=by_attempt(10),
    params:
        studies=text_of(NAMES),
        fits=text_of(TITLES),
        claims=text_of(CLAIMS.is_file()),
        code=code_of("render_choices", FITS),
    message:
        "Writing the page of choices"
    script:
        "../scripts/render_choices.py"


rule render_extrapolation:
    input:
        intervals="results/comparisons/intervals.parquet",
        board="results/comparisons/board.parquet",
        figures=expand("reports/figures/comparisons/{figure}.json", figure=COMPARISONS),
    output:
        page="reports/extrapolation.html",
    log:
        "logs/render_extrapolation.log",
    benchmark:
        "benchmarks/render_extrapolation.tsv"
    conda:
        "../../environment.yml"
    threads: 1
    resources:
        mem_mb=by_attempt(500),
        runtime=by_attempt(10),
    params:
        claims=text_of(CLAIMS.is_file()),
        code=code_of("render_extrapolation", FITS),
    message:
        "Writing the page of extrapolation"
    script:
        "../scripts/render_extrapolation.py"


rule render_agreement:
    input:
        estimates="results/comparisons/estimates.parquet",
        agreement="results/comparisons/agreement.parquet",
        ladders="results/comparisons/ladders.parquet",
        noise_floor="results/comparisons/noise_floor.parquet",
        figures=expand("reports/figures/comparisons/{figure}.json", figure=COMPARISONS),
    output:
        page="reports/agreement.html",
    log:
        "logs/render_agreement.log",
    benchmark:
        "benchmarks/render_agreement.tsv"
    conda:
        "../../environment.yml"
    threads: 1
    resources:
        mem_mb=by_attempt(500),
        runtime=by_attempt(10),
    params:
        studies=text_of(NAMES),
        fits=text_of(TITLES),
        claims=text_of(CLAIMS.is_file()),
        code=code_of("render_agreement", FITS),
    message:
        "Writing the page of agreement"
    script:
        "../scripts/render_agreement.py"


rule render_allocation:
    input:
        laws="results/comparisons/trade_offs.parquet",
        plans="results/comparisons/plans.parquet",
        optima="results/comparisons/optima.parquet",
        figures=expand("reports/figures/comparisons/{figure}.json", figure=COMPARISONS),
    output:
        page="reports/allocation.html",
    log:
        "logs/render_allocation.log",
    benchmark:
        "benchmarks/render_allocation.tsv"
    conda:
        "../../environment.yml"
    threads: 1
    resources:
        mem_mb=by_attempt(500),
        runtime=by_attempt(10),
    params:
        studies=text_of(NAMES),
        fits=text_of(TITLES),
        sizes=text_of(SIZES),
        claims=text_of(CLAIMS.is_file()),
        code=code_of("render_allocation", FITS),
    message:
        "Writing the page of allocation"
    script:
        "../scripts/render_allocation.py"


rule write_planner_script:
    output:
        "reports/assets/vega.js",
    log:
        "logs/write_planner_script.log",
    benchmark:
        "benchmarks/write_planner_script.tsv"
    conda:
        "../../environment.yml"
    threads: 1
    resources:
        mem_mb=by_attempt(500),
        runtime=by_attempt(10),
    params:
        code=code_of("write_planner_script"),
    message:
        "Writing the script that draws the planner's chart"
    script:
        "../scripts/write_planner_script.py"


rule write_study_list:
    output:
        "reports/assets/studies.js",
    log:
        "logs/write_study_list.log",
    benchmark:
        "benchmarks/write_study_list.tsv"
    conda:
        "../../environment.yml"
    threads: 1
    resources:
        mem_mb=by_attempt(500),
        runtime=by_attempt(10),
    params:
        studies=text_of(beside(CARDS)),
        code=code_of("write_study_list"),
    message:
        "Writing the list of studies that their pages lead to"
    script:
        "../scripts/write_study_list.py"


rule render_glossary:
    output:
        page="reports/glossary.html",
    log:
        "logs/render_glossary.log",
    benchmark:
        "benchmarks/render_glossary.tsv"
    conda:
        "../../environment.yml"
    threads: 1
    resources:
        mem_mb=by_attempt(500),
        runtime=by_attempt(10),
    params:
        claims=text_of(CLAIMS.is_file()),
        code=code_of("render_glossary"),
    message:
        "Writing the glossary"
    script:
        "../scripts/render_glossary.py"


rule render_numbers:
    input:
        verdicts="results/verdicts.parquet",
        laws="results/laws.parquet",
        fits="results/fits.parquet",
        checks=expand("results/checks/{study}.json", study=STUDIES),
    output:
        page="reports/numbers.html",
    log:
        "logs/render_numbers.log",
    benchmark:
        "benchmarks/render_numbers.tsv"
    conda:
        "../../environment.yml"
    threads: 1
    resources:
        mem_mb=by_attempt(500),
        runtime=by_attempt(10),
    params:
        cards=text_of(ALL_CARDS),
        skipped=text_of(NOT_RUN),
        claims=text_of(CLAIMS.is_file()),
        code=code_of("render_numbers", FITS),
    message:
        "Writing the page of all laws and published numbers"
    script:
        "../scripts/render_numbers.py"


rule render_index:
    input:
        allocation="results/comparisons/allocation.parquet",
        trade_offs="results/comparisons/trade_offs.parquet",
        optima="results/comparisons/optima.parquet",
        coverage="results/comparisons/coverage.parquet",
        drawing="reports/assets/vega.js",
        verdicts="results/verdicts.parquet",
        laws="results/laws.parquet",
        fits="results/fits.parquet",
        comparisons=expand("reports/figures/comparisons/{figure}.json", figure=COMPARISONS),
    output:
        page=report("reports/index.html", category="Pages", labels={"page": "report"}),
    log:
        "logs/render_index.log",
    benchmark:
        "benchmarks/render_index.tsv"
    conda:
        "../../environment.yml"
    threads: 1
    resources:
        mem_mb=by_attempt(500),
        runtime=by_attempt(10),
    params:
        cards=text_of(ALL_CARDS),
        skipped=text_of(NOT_RUN),
        claims=text_of(CLAIMS.is_file()),
        about=text_of(about_project(PROJECT)),
        code=code_of("render_index", FITS),
    message:
        "Writing the first page of the report"
    script:
        "../scripts/render_index.py"
