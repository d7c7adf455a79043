"""Split a fit's resamples into shards; how many there are changes no result."""

from __future__ import annotations

import itertools
from typing import TYPE_CHECKING, Any

if TYPE_CHECKING:
    from collections.abc import Mapping

#: Shards begin at multiples of this, the block that `resample` solves together, so that no block
#: is solved twice. It stands here because planning must not import numpy.
ALIGNMENT = 128
#: Estimators that fit nothing: there is nothing to resample.
WITHOUT_FIT = frozenset({"evaluate", "printed"})


def is_resampled(entry: Mapping[str, Any]) -> bool:
    """Whether a fit has resamples.

    Parameters
    ----------
    entry
        Entry of a card under ``fits``.

    Returns
    -------
    bool
    """
    if entry.get("estimator") in WITHOUT_FIT:
        return False
    return entry.get("resample", {}).get("kind") != "none"


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
