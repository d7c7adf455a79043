# Raw tables -> run tables.
#
# Reads:  the tables that the card names (committed under data/, or retrieved).
# Writes: results/runs/<study>.parquet, the one hand-over contract: nothing downstream reads a raw table.


def data_folder(wildcards):
    """Folder that the file names of a card are relative to."""
    return (
        "results/retrieved"
        if retrieval.is_retrieved(CARDS[wildcards.study])
        else CONFIG["data"]
    )


def table_files(wildcards):
    """Raw files of a study, in a fixed order."""
    tables = CARDS[wildcards.study]["tables"].values()
    files = {
        part["file"] for table in tables for part in (table, *table.get("join", []))
    }
    return [f"{data_folder(wildcards)}/{name}" for name in sorted(files)]


rule normalize_runs:
    input:
        table_files,
    output:
        runs="results/runs/{study}.parquet",
    log:
        "logs/normalize_runs/{study}.log",
    benchmark:
        "benchmarks/normalize_runs/{study}.tsv"
    threads: 1
    resources:
        mem_mb=1000,
        runtime=10,
    params:
        tables=lambda wildcards: text_of(CARDS[wildcards.study]["tables"]),
        data=data_folder,
        code=code_of("normalize_runs"),
    message:
        "Normalising the run tables of {wildcards.study}"
    script:
        "../scripts/normalize_runs.py"
