"""Runs over size, vocabulary and data, their envelope and the vocabulary of least compute."""

from __future__ import annotations

import numpy as np
import pandas as pd
import pytest
from upstream_files import refused, write

from scaling_studies import registry
from scaling_studies.sources.adapters.vocabulary_sweep import LAST_TOKENS, tokens_per_character

NAMES = "vocab_size,embed_dim,num_characters,Non_vocab_parameters,FLOPs,Lossu"
VOCABULARIES = (4096.0, 8192.0, 16384.0, 32768.0)


def table():
    """Six sizes, four vocabularies, five checkpoints of a smooth loss."""
    rows = []
    for size, tokens in zip(np.geomspace(3e7, 1e9, 6), LAST_TOKENS, strict=True):
        for vocabulary in VOCABULARIES:
            rate = float(tokens_per_character(np.array(vocabulary)))
            for seen in tokens * np.arange(1, 6) / 5:
                flops = 6 * (size + 512 * vocabulary) * seen
                loss = -5 + 900 * size**-0.4 + 20000 * seen**-0.45 + 30 * vocabulary**-0.6
                rows.append((vocabulary, 512.0, seen / rate, size, flops, loss))
    return pd.DataFrame(rows, columns=NAMES.split(","))


@pytest.fixture(scope="module")
def made(tmp_path_factory):
    paths = write(tmp_path_factory.mktemp("t"), {"exp.csv": table().to_csv(index=False)})
    return registry.load("adapters", "vocabulary_sweep")(paths)


def test_tokens_are_characters_times_the_rate_of_the_vocabulary(made):
    runs = made["runs"]
    assert len(runs) == 120 and runs["run"].nunique() == 24
    total = runs["params_non_vocabulary"] + runs["params_vocabulary"]
    assert (6 * total * runs["tokens"]).to_numpy() == pytest.approx(runs["flops"].to_numpy())
    # At a thousandth of the vocabulary there are more tokens a character.
    assert (runs["tokens_as_in_script"] > runs["tokens"]).all()


def test_the_envelope_falls_and_lies_below_every_run_of_no_less_compute(made):
    envelope, runs = made["envelope"], made["runs"]
    assert (envelope["flops"].diff().dropna() > 0).all()
    assert (envelope["relative_loss"].diff().dropna() < 0).all()
    for flops, loss in runs[["flops", "relative_loss"]].to_numpy():
        assert envelope.loc[envelope["flops"] <= flops, "relative_loss"].min() <= loss
    assert not envelope["params_vocabulary"].isin(runs["params_vocabulary"]).all()


def test_no_vocabulary_takes_less_compute_than_that_of_theory(made):
    widths = (512, 768, 768, 1024, 1536, 2048, 3200)
    for (size, best), width in zip(made["derivative"].iloc[:, :2].to_numpy(), widths, strict=True):
        entries = best / width * np.array([0.97, 1.0, 1.03])
        compute = (size + width * entries) * tokens_per_character(entries)
        assert compute[1] < compute[0] and compute[1] < compute[2]
    assert made["derivative"]["vocabulary_ratio"].iloc[0] == 1.0


def test_the_rate_is_constant_beyond_its_lowest_vocabulary():
    low, high = tokens_per_character(np.array([2e5, 1e6]))
    assert low == high < tokens_per_character(np.array(1e5))


def test_a_loss_that_is_none_is_refused(tmp_path):
    frame = table().astype(object)
    frame.loc[1, "Lossu"] = "none"
    paths = write(tmp_path, {"exp.csv": frame.to_csv(index=False)})
    refused("vocabulary_sweep", paths, {}, "row 2", "column Lossu")
