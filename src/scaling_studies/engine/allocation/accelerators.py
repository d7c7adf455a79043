"""Training compute of accelerators: hours of a named chip at a share of its peak."""

from __future__ import annotations

SECONDS_PER_HOUR = 3600.0
#: Peak of dense 16-bit arithmetic in FLOP per second, as the makers' data sheets state it: NVIDIA
#: (tensor cores, SXM boards where there are several, without sparsity), AMD (matrix cores), Google.
PEAKS = {
    "V100": 125e12,
    "A100": 312e12,
    "H100": 989e12,
    "H200": 989e12,
    "H800": 989e12,
    "B200": 2250e12,
    "L40S": 362e12,
    "MI250X": 383e12,
    "MI300X": 1307e12,
    "TPU v4": 275e12,
    "TPU v5e": 197e12,
    "TPU v5p": 459e12,
    "TPU v6e": 918e12,
    "RTX 3090": 71e12,
    "RTX 4090": 165e12,
}


def training_flops(hours: float, peak: float, utilisation: float) -> float:
    """Compute of a number of accelerator hours.

    Parameters
    ----------
    hours
        Accelerators times hours.
    peak
        FLOP per second of one; see `PEAKS`.
    utilisation
        Share of the peak that training uses, above 0 and at most 1.

    Examples
    --------
    >>> f"{training_flops(5000, PEAKS['H100'], 0.4):.3g}"
    '7.12e+21'
    """
    return SECONDS_PER_HOUR * hours * peak * utilisation
