"""Scores of training sets at several scales, the best run of each."""

from __future__ import annotations

from upstream_files import refused, write

from scaling_studies import registry

SCALES = {"params": {"small": 100, "middle": 200, "large": 1000}}
HEADER = "Dataset,params,tokens,Core\n"


def models(tmp_path, *rows):
    return write(tmp_path, {"models.csv": HEADER + "".join(f"{row}\n" for row in rows)})


def test_the_best_run_at_the_usual_tokens_stands_for_a_set(tmp_path):
    paths = models(
        tmp_path,
        "web,1000,20000,0.4",
        "web,1000,20100,0.5",
        "web,1000,40000,0.9",  # twice the tokens: another scale
        "web,100,2000,0.2",
        "books,1000,20000,0.3",
        "books,200,4000,0.25",
        "alone,1000,20000,0.6",  # at one scale only
        "never,100,2000,0.1",  # not at the largest
        "never,200,4000,0.1",
        "web,200,4000,",  # without a score
    )
    scores = registry.load("adapters", "scores_by_scale")(paths, **SCALES)["scores"]
    assert scores.values.tolist() == [["books", None, 0.25, 0.3], ["web", 0.2, None, 0.5]]


def test_a_score_that_is_none_is_refused(tmp_path):
    refused("scores_by_scale", models(tmp_path, "web,100,2000,high"), SCALES, "column Core", "high")
