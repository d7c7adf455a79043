# Everything that was made -> is it still what was written?
#
# Reads:  all files under results/ and reports/ with their recorded checksums. Nothing is made first: what is missing is named.
# Writes: nothing.


localrules:
    check,
    report_refused,


rule check:
    log:
        "logs/check.log",
    conda:
        "../../environment.yml"
    threads: 1
    resources:
        mem_mb=by_attempt(500),
        runtime=by_attempt(30),
    params:
        wanted=text_of(
            lambda wildcards: sorted(
                {
                    *map(str, rules.all.input),
                    *FIGURES,
                    "reports/assets/vega.js",
                    *expand("results/checks/{study}.json", study=STUDIES),
                }
                - {*REFUSALS}
            )
        ),
    message:
        "Verifying every generated file"
    script:
        "../scripts/check.py"


# After everything else: with a card that is not in order, a run that has made the rest still ends with an error.
rule report_refused:
    input:
        "reports/index.html",
        "reports/numbers.html",
        "reports/comparisons.html",
        "reports/choices.html",
        "reports/extrapolation.html",
        "reports/agreement.html",
        "reports/allocation.html",
    output:
        "results/refused",
    log:
        "logs/report_refused.log",
    conda:
        "../../environment.yml"
    threads: 1
    resources:
        mem_mb=by_attempt(500),
        runtime=by_attempt(10),
    params:
        refused=text_of(list(REFUSED)),
    message:
        "Naming the studies that were not run"
    script:
        "../scripts/report_refused.py"
