"""Split a fit's resamples into shards; how many there are changes no result."""

from __future__ import annotations

import itertools

#: Shards begin at multiples of this, the block that `resample` solves together, so that no block
#: is solved twice; but for tables so small that a larger one costs hardly more. It stands here
#: because planning must not import numpy.
ALIGNMENT = 128


def shard_ranges(resamples: int, shards: int) -> list[range]:
    """Numbers of the resamples of each shard.

    Parameters
    ----------
    resamples
        Resamples of a fit, positive.
    shards
        Shards wanted, positive; fewer are returned when there are fewer blocks of resamples.

    Returns
    -------
    list of range
        Together ``range(resamples)``, in order; none is empty.
    """
    blocks = -(-resamples // ALIGNMENT)
    shards = min(shards, blocks)
    edges = [ALIGNMENT * (blocks * number // shards) for number in range(shards)] + [resamples]
    return [range(low, high) for low, high in itertools.pairwise(edges)]
