# Run tables -> point estimates with their evidence.
#
# Reads:  results/runs/<study>.parquet; none for laws of which only the constants are printed.
# Writes: results/fits/<study>/<fit>.json (parameters, objective, quantities, evidence) and <fit>.points.parquet (fitted and held-out points).
#
# A fit takes less time than starting Python does, so that one job makes all fits of a study: each study has a rule of its own.
# Resampling, which takes long, is a job a fit (resample.smk).

for _study, _card in CARDS.items():

    rule:
        name:
            f"fit_{_study}"
        input:
            sorted({path for fit in _card["fits"] for path in runs_of_fit(_study, fit)}),
        output:
            fits=[f"results/fits/{_study}/{fit}.json" for fit in _card["fits"]],
            points=[f"results/fits/{_study}/{fit}.points.parquet" for fit in _card["fits"]],
        log:
            f"logs/fit_laws/{_study}.log",
        benchmark:
            f"benchmarks/fit_laws/{_study}.tsv"
        group:
            PREPARE
        conda:
            "../../environment.yml"
        threads: 1
        resources:
            mem_mb=by_attempt(1000),
            runtime=by_attempt(30),
        params:
            study=_study,
            entries=text_of({fit: study_cards.resolve_fit(_card, fit) for fit in _card["fits"]}),
            runs={fit: "".join(runs_of_fit(_study, fit)) for fit in _card["fits"]},
            code=code_of("fit_laws", *law_modules(_study, _card["fits"])),
        message:
            f"Fitting {len(_card['fits'])} laws of {_study}"
        script:
            "../scripts/fit_laws.py"
