# Run tables -> point estimates with their evidence -> their uncertainty.
#
# Reads:  results/runs/<study>.parquet; none for laws of which only the constants are printed.
# Writes: results/fits/<study>/<fit>.json (parameters, objective, quantities, evidence) and <fit>.points.parquet (fitted and held-out points);
#         results/resamples/<study>/<fit>.parquet (one row a resample) and <fit>.json (intervals and standard errors).
#
# A fit takes less time than starting Python does, so that one job makes all fits of a study: each study has a rule of its own.
# So with resampling; the setting `shards` makes it a job a fit and divides the refits of each among so many jobs (results/shards/, temporary),
# which changes no byte of the result.

for _study, _card in CARDS.items():

    rule:
        name:
            f"fit_{_study}"
        input:
            sorted({path for fit in _card.fits for path in runs_of_fit(_study, fit)}),
        output:
            fits=[f"results/fits/{_study}/{fit}.json" for fit in _card.fits],
            points=[f"results/fits/{_study}/{fit}.points.parquet" for fit in _card.fits],
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
            slots=1,
            mem_mb=by_attempt(1000),
            runtime=by_attempt(30),
        params:
            study=_study,
            entries=text_of({fit: resolve_fit(_card, fit) for fit in _card.fits}),
            runs={fit: "".join(runs_of_fit(_study, fit)) for fit in _card.fits},
            code=code_of("fit_laws", [(_study, fit) for fit in _card.fits]),
        message:
            f"Fitting {len(_card.fits)} laws of {_study}"
        script:
            "../scripts/fit_laws.py"


if CONFIG.shards == 1:

    for _study in STUDIES:
        _fits = resampled_fits(_study)
        if not _fits:
            continue

        rule:
            name:
                f"resample_{_study}"
            input:
                fits=[f"results/fits/{_study}/{fit}.json" for fit in _fits],
                points=[f"results/fits/{_study}/{fit}.points.parquet" for fit in _fits],
                runs=sorted({path for fit in _fits for path in rows_before_reduction(_study, fit)}),
                chained=[],
                shards=[],
            output:
                resamples=[f"results/resamples/{_study}/{fit}.parquet" for fit in _fits],
                intervals=[f"results/resamples/{_study}/{fit}.json" for fit in _fits],
            log:
                f"logs/resample_fit/{_study}.log",
            benchmark:
                f"benchmarks/resample_fit/{_study}.tsv"
            group:
                CONCLUDE
            conda:
                "../../environment.yml"
            threads: 1
            resources:
                slots=1,
                mem_mb=by_attempt(2000),
                runtime=by_attempt(60),
            params:
                study=_study,
                entries=text_of({fit: resolved(_study, fit) for fit in _fits}),
                needed=text_of({fit: needed_by(_study, fit) for fit in _fits}),
                runs={fit: "".join(rows_before_reduction(_study, fit)) for fit in _fits},
                resamples=resamples_of(_study),
                code=code_of("resample_fit", [(_study, fit) for fit in _fits]),
            message:
                f"Resampling {len(_fits)} fits of {_study}"
            script:
                "../scripts/resample_fit.py"

else:

    rule resample_shard:
        input:
            fit=fit_to_resample,
            points="results/fits/{study}/{fit}.points.parquet",
            runs=lambda wildcards: rows_before_reduction(wildcards.study, wildcards.fit),
        output:
            shard=temp("results/shards/{study}/{fit}.{start}-{stop}.parquet"),
            checksum=temp("results/shards/{study}/{fit}.{start}-{stop}.parquet.sha256"),
        log:
            "logs/resample_shard/{study}/{fit}.{start}-{stop}.log",
        benchmark:
            "benchmarks/resample_shard/{study}/{fit}.{start}-{stop}.tsv"
        wildcard_constraints:
            start=r"\d+",
            stop=r"\d+",
        conda:
            "../../environment.yml"
        threads: 1
        resources:
            mem_mb=by_attempt(2000),
            runtime=by_attempt(60),
        params:
            entry=text_of(lambda wildcards: resolved(wildcards.study, wildcards.fit)),
            code=code_of("resample_shard", this_fit),
        message:
            "Refitting resamples {wildcards.start} to {wildcards.stop} for {wildcards.fit} of {wildcards.study}"
        script:
            "../scripts/resample_shard.py"

    rule resample_fit:
        input:
            fits=lambda wildcards: [fit_to_resample(wildcards)],
            points=["results/fits/{study}/{fit}.points.parquet"],
            runs=lambda wildcards: rows_before_reduction(wildcards.study, wildcards.fit),
            chained=lambda wildcards: [
                f"results/resamples/{wildcards.study}/{fit}.parquet"
                for fit in needed_by(wildcards.study, wildcards.fit)
            ],
            shards=shards_of,
            # A temporary file lives until its last reader is done: the checksums are read with the shards.
            checksums=lambda wildcards: [f"{shard}.sha256" for shard in shards_of(wildcards)],
        output:
            resamples=["results/resamples/{study}/{fit}.parquet"],
            intervals=["results/resamples/{study}/{fit}.json"],
        log:
            "logs/resample_fit/{study}/{fit}.log",
        benchmark:
            "benchmarks/resample_fit/{study}/{fit}.tsv"
        conda:
            "../../environment.yml"
        threads: 1
        resources:
            mem_mb=by_attempt(2000),
            runtime=by_attempt(60),
        params:
            study=lambda wildcards: wildcards.study,
            entries=text_of(
                lambda wildcards: {wildcards.fit: resolved(wildcards.study, wildcards.fit)}
            ),
            needed=text_of(
                lambda wildcards: {wildcards.fit: needed_by(wildcards.study, wildcards.fit)}
            ),
            runs=lambda wildcards: {
                wildcards.fit: "".join(rows_before_reduction(wildcards.study, wildcards.fit))
            },
            resamples=lambda wildcards: resamples_of(wildcards.study),
            # That of all fits, as where one job resamples them.
            code=code_of(
                "resample_fit",
                lambda wildcards: [
                    (wildcards.study, fit) for fit in resampled_fits(wildcards.study)
                ],
            ),
        message:
            "Resampling {wildcards.fit} of {wildcards.study}"
        script:
            "../scripts/resample_fit.py"
