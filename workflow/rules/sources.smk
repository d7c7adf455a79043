# Upstream files -> tables that the project does not carry (no stated licence, or large).
#
# Reads:  the study's source record; the upstream files in the mirror or the cache, at their pinned commit and sha256.
# Writes: results/retrieved/<study>/<table>.csv, checked against the recorded sha256.


# On a cluster this runs where the workflow was started: compute nodes often have no network.
localrules:
    retrieve_table,


rule retrieve_table:
    input:
        record=lambda wildcards: f"{CONFIG.data}/{wildcards.study}/source.yaml",
    output:
        table="results/retrieved/{study}/{table}.csv",
    log:
        "logs/retrieve_table/{study}/{table}.log",
    benchmark:
        "benchmarks/retrieve_table/{study}/{table}.tsv"
    wildcard_constraints:
        table=r"[a-z][a-z0-9_]*",
    conda:
        "../../environment.yml"
    threads: 1
    resources:
        mem_mb=by_attempt(500),
        runtime=by_attempt(30),
    params:
        mirror=text_of(str(MIRROR) if MIRROR else None),
        cache=text_of(CONFIG.cache),
        offline=CONFIG.offline,
        code=code_of("retrieve_table"),
    message:
        "Retrieving the table {wildcards.table} of {wildcards.study}"
    script:
        "../scripts/retrieve_table.py"
