"""Losses of models trained on mixtures of two domains: tab-separated lines without a header.

Written for Ye et al. 2024, ``data/2Mix/*.txt``: path of the checkpoint, path of the validation
file, loss.
"""

from __future__ import annotations

import re
from pathlib import Path, PurePosixPath

import pandas as pd

from scaling_studies.sources import checked
from scaling_studies.sources.checked import POSITIVE

_CHECKPOINT = re.compile(r"_(?P<mixture>\d+)-(?P<first>[\d.]+)-(?P<second>[\d.]+)/(?P<step>\d+)$")
_DOMAIN = re.compile(r"\.(?P<domain>[A-Za-z0-9-]+)\.bin$")


def extract(paths: dict[str, Path], *, domains: list[str]) -> dict[str, pd.DataFrame]:
    """Return one row a size, mixture, step and domain.

    Parameters
    ----------
    paths
        One file a size of the model, named after it.
    domains
        The domains in the order of their shares in the checkpoint's path.

    Returns
    -------
    dict of str to pandas.DataFrame
        ``losses``; ``share`` is that of the domain on which the loss was measured.
    """
    rows = []
    for name, path in sorted(paths.items()):
        for number, line in enumerate(path.read_text("utf-8").splitlines(), start=1):
            parts = line.split("\t")
            checkpoint = _CHECKPOINT.search(parts[0])
            domain = _DOMAIN.search(parts[1]) if len(parts) == 3 else None
            if not checkpoint or not domain or domain["domain"] not in domains:
                raise checked.refuse("is no line of a checkpoint", table=name, row=number)
            shares = dict(zip(domains, (checkpoint["first"], checkpoint["second"]), strict=True))
            rows.append(
                {
                    "size": PurePosixPath(name).stem,
                    "domain": domain["domain"],
                    "step": int(checkpoint["step"]),
                    "share": float(shares[domain["domain"]]),
                    "loss": POSITIVE.read(parts[2], table=name, column="loss", row=number),
                }
            )
    key = ["size", "domain", "step", "share"]
    frame = checked.require_unique(pd.DataFrame(rows), key, table="losses")
    return {"losses": checked.in_order(frame, key)}
