"""Published scaling laws, re-derived from their own run tables.

The way of the data: data/ -> normalize -> results/runs -> fit -> results/fits -> resample -> results/resamples -> vary -> results/choices
-> judge -> results/verdicts.parquet -> compare -> results/comparisons -> plot -> reports/figures -> render -> reports/*.html
"""

from snakemake.utils import min_version

min_version("9.19")


configfile: "config/config.yaml"


include: "workflow/rules/common.smk"
include: "workflow/rules/inputs.smk"
include: "workflow/rules/sources.smk"
include: "workflow/rules/runs.smk"
include: "workflow/rules/fits.smk"
include: "workflow/rules/choices.smk"
include: "workflow/rules/forecasts.smk"
include: "workflow/rules/verdicts.smk"
include: "workflow/rules/comparisons.smk"
include: "workflow/rules/figures.smk"
include: "workflow/rules/pages.smk"
include: "workflow/rules/artefacts.smk"


rule all:
    default_target: True
    input:
        "reports/index.html",
        "reports/numbers.html",
        "reports/glossary.html",
        "reports/comparisons.html",
        "reports/choices.html",
        "reports/extrapolation.html",
        "reports/agreement.html",
        "reports/allocation.html",
        ["reports/claims.html"] if CLAIMS.is_file() else [],
        expand("reports/studies/{study}.html", study=STUDIES),
        "reports/assets/studies.js",
        REFUSALS,


rule collect_runs:
    input:
        expand("results/runs/{study}.parquet", study=STUDIES),


rule collect_figures:
    input:
        FIGURES,
