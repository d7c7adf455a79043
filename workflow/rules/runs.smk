# Raw tables -> run tables.
#
# Reads:  the tables that the card names (committed under data/, or retrieved).
# Writes: results/runs/<study>.parquet, the one hand-over contract: nothing downstream reads a raw table.


rule normalize_runs:
    input:
        table_files,
    output:
        runs="results/runs/{study}.parquet",
    log:
        "logs/normalize_runs/{study}.log",
    benchmark:
        "benchmarks/normalize_runs/{study}.tsv"
    conda:
        "../../environment.yml"
    threads: 1
    resources:
        mem_mb=by_attempt(1000),
        runtime=by_attempt(10),
    params:
        tables=text_of(lambda wildcards: CARDS[wildcards.study].tables),
        data=data_folder,
        code=code_of("normalize_runs"),
    message:
        "Normalising the run tables of {wildcards.study}"
    script:
        "../scripts/normalize_runs.py"
