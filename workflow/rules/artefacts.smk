# Everything that was made -> is it still what was written?
#
# Reads:  all files under results/ and reports/ with their recorded checksums. Nothing is made first: what is missing is named.
# Writes: nothing.


localrules:
    check,


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
        wanted=lambda wildcards: sorted(
            {
                *map(str, rules.all.input),
                *FIGURES,
                *expand("results/checks/{study}.json", study=STUDIES),
            }
        ),
    message:
        "Verifying every generated file"
    script:
        "../scripts/check.py"
