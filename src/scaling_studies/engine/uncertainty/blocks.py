"""Which resamples are solved together."""

from __future__ import annotations

#: Resamples in a block. Fixed and aligned to multiples of itself: a resample always sits in the
#: same block, so every array operation on it has the same shape in every shard. Small tables, where
#: a step costs the same for few resamples as for many, get blocks of up to `LARGEST_BLOCK`.
BLOCK, LARGEST_BLOCK = 128, 512
#: Row values up to which blocks grow, and those held by one block; larger tables get smaller ones.
GROWN_VALUES, BLOCK_VALUES = 65_536, 1_000_000


def block_size(rows: int) -> int:
    """Resamples in a block, a function of the number of rows alone."""
    size = LARGEST_BLOCK
    while size > BLOCK and size * rows > GROWN_VALUES:
        size //= 2
    return int(max(1, min(size, BLOCK_VALUES // max(rows, 1))))


def block_numbers(rows: int, first: int, resamples: int) -> list[range]:
    """Numbers of the resamples of each block that holds some of those wanted."""
    size = block_size(rows)
    start = (first // size) * size
    return [range(low, low + size) for low in range(start, first + resamples, size)]
