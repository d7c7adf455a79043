"""Losses of models trained on mixtures of two domains."""

from __future__ import annotations

from upstream_files import refused, write

from scaling_studies import registry

DOMAINS = {"domains": ["Github", "Pile-CC"]}


def line(step, domain, loss, shares="0.25-0.75"):
    return f"runs/a_3-{shares}/{step}\tdata/val.{domain}.bin\t{loss}\n"


def test_the_share_is_that_of_the_domain_on_which_the_loss_was_measured(tmp_path):
    text = line(20, "Pile-CC", 3.0) + line(20, "Github", 2.0) + line(10, "Github", 2.5)
    paths = write(tmp_path, {"70M.txt": text})
    losses = registry.load("adapters", "mixture_losses")(paths, **DOMAINS)["losses"]
    assert losses.values.tolist() == [
        ["70M", "Github", 10, 0.25, 2.5],
        ["70M", "Github", 20, 0.25, 2.0],
        ["70M", "Pile-CC", 20, 0.75, 3.0],
    ]


def test_lines_that_are_none_of_a_checkpoint_are_refused(tmp_path):
    good = line(10, "Github", 2.5)
    for bad, words in (
        (line(10, "Books", 2.5), "row 2"),
        ("runs/a_3-0.25-0.75\tdata/val.Github.bin\t2\n", "row 2"),
        ("nothing\n", "is no line of a checkpoint"),
        (line(20, "Github", "-1"), "column loss"),
        (good, "appears twice"),
    ):
        refused("mixture_losses", write(tmp_path, {"70M.txt": good + bad}), DOMAINS, words)
