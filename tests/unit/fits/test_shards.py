"""Shards of resamples: whole blocks, in order, none empty."""

from __future__ import annotations

import pytest

from scaling_studies.engine.uncertainty.blocks import BLOCK
from scaling_studies.fits.shards import ALIGNMENT, shard_ranges


@pytest.mark.parametrize("resamples", [1, 127, 128, 129, 400, 4000])
@pytest.mark.parametrize("shards", [1, 2, 3, 7, 100])
def test_shards_are_whole_blocks_of_all_resamples(resamples, shards):
    ranges = shard_ranges(resamples, shards)
    assert [number for part in ranges for number in part] == list(range(resamples))
    assert all(len(part) for part in ranges) and len(ranges) <= shards
    assert len(ranges) == min(shards, -(-resamples // ALIGNMENT))
    assert all(part.start % ALIGNMENT == 0 for part in ranges)
    # Even to a block.
    blocks = [-(-len(part) // ALIGNMENT) for part in ranges]
    assert max(blocks) - min(blocks) <= 1


def test_shards_begin_where_blocks_that_are_solved_together_begin():
    assert ALIGNMENT == BLOCK
