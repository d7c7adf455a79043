"""Training runs of quantised models: a JSON list with one object a run.

Written for Panferov et al. 2025 (QuEST), ``runs_for_scaling.json``.
"""

from __future__ import annotations

from pathlib import Path

import pandas as pd

from scaling_studies.sources import checked
from scaling_studies.sources.checked import COUNT, POSITIVE, TEXT

_COLUMNS = {
    "params_non_embedding": ("non_embedding_parameters", COUNT),
    "tokens": ("tokens", COUNT),
    "loss": ("loss", POSITIVE),
    "weight_bits": ("w_bits", COUNT),
    "activation_bits": ("a_bits", COUNT),
    "weight_quantiser": ("w_quant", TEXT),
    "activation_quantiser": ("a_quant", TEXT),
}


def extract(paths: dict[str, Path]) -> dict[str, pd.DataFrame]:
    """Return the runs in the order of the file, each with the name of its number format.

    Returns
    -------
    dict of str to pandas.DataFrame
        ``runs``.
    """
    ((table, path),) = paths.items()
    records = checked.read_json(path, table=table)
    rows = [
        checked.take_fields(record, _COLUMNS, table=table, row=row)
        | {
            "learning_rate": POSITIVE.read(
                checked.field(
                    checked.field(record, "args", table=table, row=row), "lr", table=table, row=row
                ),
                table=table,
                column="args.lr",
                row=row,
            )
        }
        for row, record in enumerate(records, start=1)
    ]
    frame = pd.DataFrame(rows)
    frame.insert(0, "precision", [_format(row) for row in rows])
    return {"runs": frame}


def _format(run: dict) -> str:
    """Name of the number format, by the rules of the authors' notebook."""
    weights, activations = str(run["weight_quantiser"]), str(run["activation_quantiser"])
    bits = run["weight_bits"]
    # Four-bit formats other than integers come first: floats carry 16 as their number of bits.
    if "FourEight" in weights:
        return "sparse4"
    if "FP4" in weights:
        return "fp4"
    if weights == activations == "NoQuantizer":
        return "16"
    if "Hadamard" not in weights:
        return f"{bits}_plain"
    return f"{bits}_weights" if activations == "NoQuantizer" else f"{bits}"
