# Artefacts -> figures, each as SVG and PNG with the plotted numbers as CSV beside them.
#
# Reads:  the artefacts that the figures' entries in the card name; a figure never fits anything.
# Writes: reports/figures/<study>/<figure>.{svg,png,csv,json} and <figure>-dark.svg (the JSON holds title, caption, alternative text and provenance).
#
# Starting Python and Matplotlib costs more than most figures, so that one job draws all figures of a study: each study with figures has a rule
# of its own.


# On a cluster these run where the workflow was started: it takes seconds, and waits for all studies.
localrules:
    plot_comparisons,


for _study, _card in CARDS.items():
    _shown = shown_fits(_study)
    if not _card.figures:
        continue

    rule:
        name:
            f"plot_{_study}"
        input:
            fits=paths_of(_shown, "results/fits/{study}/{fit}.json"),
            points=paths_of(_shown, "results/fits/{study}/{fit}.points.parquet"),
            resamples=resampled_of(_shown, "parquet"),
            intervals=resampled_of(_shown, "json"),
        output:
            svg=[
                report(
                    f"reports/figures/{_study}/{figure}.svg",
                    caption="../report/figure.rst",
                    category="Studies",
                    subcategory=_study,
                    labels={"study": _study, "figure": figure},
                )
                for figure in sorted(_card.figures)
            ],
            dark=expand(
                f"reports/figures/{_study}/{{figure}}-dark.svg", figure=sorted(_card.figures)
            ),
            png=expand(f"reports/figures/{_study}/{{figure}}.png", figure=sorted(_card.figures)),
            csv=expand(f"reports/figures/{_study}/{{figure}}.csv", figure=sorted(_card.figures)),
            meta=expand(f"reports/figures/{_study}/{{figure}}.json", figure=sorted(_card.figures)),
        log:
            f"logs/plot_figures/{_study}.log",
        benchmark:
            f"benchmarks/plot_figures/{_study}.tsv"
        group:
            CONCLUDE
        conda:
            "../../environment.yml"
        threads: 1
        resources:
            slots=1,
            mem_mb=by_attempt(1000),
            runtime=by_attempt(10),
        params:
            study=_study,
            entries=text_of(_card.figures),
            card=text_of(shown_part(_study)),
            code=code_of("plot_figures", _shown, {entry.kind for entry in _card.figures.values()}),
        message:
            f"Drawing {len(_card.figures)} figures of {_study}"
        script:
            "../scripts/plot_figures.py"


if COMPARISONS:

    rule plot_comparisons:
        input:
            exponents="results/comparisons/exponents.parquet",
            allocation="results/comparisons/allocation.parquet",
            plans="results/comparisons/plans.parquet",
            held_out="results/comparisons/held_out.parquet",
            estimates="results/comparisons/estimates.parquet",
            agreement="results/comparisons/agreement.parquet",
            ladders="results/comparisons/ladders.parquet",
            cross_predictions="results/comparisons/cross_predictions.parquet",
            parabolas="results/comparisons/parabolas.parquet",
            noise_floor="results/comparisons/noise_floor.parquet",
            run_map="results/comparisons/run_map.parquet",
            board="results/comparisons/board.parquet",
            choices="results/comparisons/choices.parquet",
            universes="results/comparisons/universes.parquet",
            verdicts="results/verdicts.parquet",
            laws="results/laws.parquet",
            fits="results/fits.parquet",
        output:
            svg=[
                report(
                    f"reports/figures/comparisons/{figure}.svg",
                    caption="../report/figure.rst",
                    category="Comparisons",
                    labels={"figure": figure},
                )
                for figure in sorted(COMPARISONS)
            ],
            dark=expand("reports/figures/comparisons/{figure}-dark.svg", figure=sorted(COMPARISONS)),
            png=expand("reports/figures/comparisons/{figure}.png", figure=sorted(COMPARISONS)),
            csv=expand("reports/figures/comparisons/{figure}.csv", figure=sorted(COMPARISONS)),
            meta=expand("reports/figures/comparisons/{figure}.json", figure=sorted(COMPARISONS)),
        log:
            "logs/plot_comparisons.log",
        benchmark:
            "benchmarks/plot_comparisons.tsv"
        conda:
            "../../environment.yml"
        threads: 1
        resources:
            mem_mb=by_attempt(1000),
            runtime=by_attempt(10),
        params:
            entries=text_of(COMPARISONS),
            cards=text_of({study: shown_part(study) for study in STUDIES}),
            code=code_of("plot_comparisons", kinds={entry.kind for entry in COMPARISONS.values()}),
        message:
            "Drawing the comparisons"
        script:
            "../scripts/plot_comparisons.py"
