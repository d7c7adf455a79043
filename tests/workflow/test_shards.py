"""Dividing the resamples of a fit among jobs changes nothing in the result."""

from __future__ import annotations

import itertools

import pytest

from scaling_studies.engine.uncertainty.blocks import BLOCK
from scaling_studies.fits.shards import ALIGNMENT, shard_ranges

FIT = "results/resamples/hoffmann_2022/approach_3_refit"


@pytest.mark.parametrize("resamples", [1, 127, 128, 129, 4000])
@pytest.mark.parametrize("shards", [1, 2, 3, 7, 40])
def test_shards_are_whole_blocks_and_cover_every_resample_once(resamples, shards):
    ranges = shard_ranges(resamples, shards)
    assert list(itertools.chain(*ranges)) == list(range(resamples))
    assert len(ranges) == min(shards, -(-resamples // ALIGNMENT))
    assert all(len(numbers) > 0 and numbers.start % ALIGNMENT == 0 for numbers in ranges)


def test_alignment_is_the_block_that_is_solved_together():
    assert ALIGNMENT == BLOCK


def test_any_number_of_shards_gives_the_same_bytes(fresh):
    project = type(fresh)(fresh.folder, ("hoffmann_2022",), 900)
    found = {}
    config = fresh.folder / "config/config.yaml"
    for shards in (1, 3, 7):
        config.write_text(f"studies: all\nshards: {shards}\n")
        project.run("--", f"{FIT}.parquet", f"{FIT}.json")
        files = sorted((fresh.folder / "results/resamples/hoffmann_2022").glob("*"))
        found[shards] = {path.name: path.read_bytes() for path in files}
        logs = [*fresh.folder.glob("logs/resample_shard/hoffmann_2022/*.log")]
        assert bool(logs) == (shards > 1)
        assert len(logs) >= (shards if shards > 1 else 0)
        assert [*fresh.folder.glob("results/shards/**/*.*")] == []
    assert found[1] == found[3] == found[7]
    assert sum(not name.startswith(".") for name in found[1]) == 4
