# Artefacts -> figures, each as SVG and PNG with the plotted numbers as CSV beside them.
#
# Reads:  the artefacts that the figure's entry in the card names; a figure never fits anything.
# Writes: reports/figures/<study>/<figure>.{svg,png,csv,json} (the JSON holds title, caption, alternative text and provenance).


# On a cluster these run where the workflow was started: each takes seconds, and waits for all studies.
localrules:
    plot_comparison,


rule plot_figure:
    input:
        fits=lambda wildcards: paths_of(figure_fits(wildcards), "results/fits/{study}/{fit}.json"),
        points=lambda wildcards: paths_of(
            figure_fits(wildcards), "results/fits/{study}/{fit}.points.parquet"
        ),
        resamples=lambda wildcards: resampled_of(figure_fits(wildcards), "parquet"),
        intervals=lambda wildcards: resampled_of(figure_fits(wildcards), "json"),
    output:
        svg=report(
            "reports/figures/{study}/{figure}.svg",
            caption="../report/figure.rst",
            category="Studies",
            subcategory="{study}",
            labels={"study": "{study}", "figure": "{figure}"},
        ),
        png="reports/figures/{study}/{figure}.png",
        csv="reports/figures/{study}/{figure}.csv",
        meta="reports/figures/{study}/{figure}.json",
    log:
        "logs/plot_figure/{study}/{figure}.log",
    benchmark:
        "benchmarks/plot_figure/{study}/{figure}.tsv"
    wildcard_constraints:
        study="|".join(STUDIES),
    conda:
        "../../environment.yml"
    threads: 1
    resources:
        mem_mb=by_attempt(1000),
        runtime=by_attempt(10),
    params:
        entry=lambda wildcards: text_of(figure_entry(wildcards)),
        card=lambda wildcards: text_of(shown_part(wildcards.study)),
        code=code_of("plot_figure", figure_fits, figure_kind),
    message:
        "Drawing {wildcards.figure} of {wildcards.study}"
    script:
        "../scripts/plot_figure.py"


rule plot_comparison:
    input:
        exponents="results/comparisons/exponents.parquet",
        allocation="results/comparisons/allocation.parquet",
        held_out="results/comparisons/held_out.parquet",
        verdicts="results/verdicts.parquet",
        fits="results/fits.parquet",
    output:
        svg=report(
            "reports/figures/comparisons/{figure}.svg",
            caption="../report/comparison.rst",
            category="Comparisons",
            labels={"figure": "{figure}"},
        ),
        png="reports/figures/comparisons/{figure}.png",
        csv="reports/figures/comparisons/{figure}.csv",
        meta="reports/figures/comparisons/{figure}.json",
    log:
        "logs/plot_comparison/{figure}.log",
    benchmark:
        "benchmarks/plot_comparison/{figure}.tsv"
    wildcard_constraints:
        figure="|".join(COMPARISONS) or "none",
    conda:
        "../../environment.yml"
    threads: 1
    resources:
        mem_mb=by_attempt(1000),
        runtime=by_attempt(10),
    params:
        entry=lambda wildcards: text_of(COMPARISONS[wildcards.figure]),
        cards=text_of({study: shown_part(study) for study in STUDIES}),
        code=code_of(
            "plot_comparison",
            kinds=lambda wildcards: [COMPARISONS[wildcards.figure].kind],
        ),
    message:
        "Drawing the comparison {wildcards.figure}"
    script:
        "../scripts/plot_comparison.py"
