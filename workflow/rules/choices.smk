# Points of a fit -> the same law fitted under the other choices that apply.
#
# Reads:  artefacts of the fits of a study, and the points of those whose choices are varied: headline fits that have rows.
# Writes: results/choices/<study>.parquet (one row a combination: choices, parameters, allocation; one without an answer says why).
#
# All fits of a study are one job: what its rows may be is one batch of weights of one problem, so that thousands of combinations take seconds.

for _study, _chosen in CHOSEN.items():

    rule:
        name:
            f"vary_choices_{_study}"
        input:
            fits=[f"results/fits/{_study}/{fit}.json" for fit in CARDS[_study].fits],
            points=[f"results/fits/{_study}/{fit}.points.parquet" for fit in _chosen],
        output:
            f"results/choices/{_study}.parquet",
        log:
            f"logs/vary_choices/{_study}.log",
        benchmark:
            f"benchmarks/vary_choices/{_study}.tsv"
        group:
            CONCLUDE
        conda:
            "../../environment.yml"
        threads: 1
        resources:
            slots=1,
            mem_mb=by_attempt(2000),
            runtime=by_attempt(30),
        params:
            study=_study,
            entries=text_of({fit: resolved(_study, fit) for fit in _chosen}),
            code=code_of(
                "vary_choices",
                [(_study, fit) for fit in _chosen],
                more_laws=["compute_optimal"],
                more_estimators=["parametric", "variable_projection", "isoflop", "envelope"],
            ),
        message:
            f"Varying the choices behind {len(_chosen)} fits of {_study}"
        script:
            "../scripts/vary_choices.py"
