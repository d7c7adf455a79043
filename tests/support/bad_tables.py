"""A good table, its card, and what becomes of changes to them."""

import pytest

from scaling_studies.cards.models.table import TableEntry
from scaling_studies.errors import ScalingStudiesError
from scaling_studies.runs.normalize import normalize_file

GOOD = "run,n,d,loss\nx,1,10,2\ny,2,20,3\nz,4,40,1.5\n"
TABLE = {
    "file": "a.csv",
    "provenance": "measured",
    "columns": {
        "run_id": {"from": "run"},
        "params_total": {"from": "n", "unit": "million"},
        "tokens": {"from": "d"},
    },
    "measurements": [
        {"metric": "loss", "eval_set": "web", "unit": "nats_per_token", "from": "loss"}
    ],
}


def cells(**changes):
    """Return the good table with cells replaced; `loss_2="x"` is the loss of the second row."""
    rows = [line.split(",") for line in GOOD.splitlines()]
    for place, text in changes.items():
        column, row = place.rsplit("_", 1)
        rows[int(row)][rows[0].index(column)] = text
    return "".join(",".join(row) + "\n" for row in rows)


def columns(**changes):
    return {"columns": TABLE["columns"] | changes}


def measurement(**changes):
    return {"measurements": [TABLE["measurements"][0] | changes]}


def card_of(entry):
    """Return the arguments for the good table with other entries, even a file no card may name."""
    table = TableEntry.model_validate(TABLE | entry | {"file": TABLE["file"]})
    table = table.model_copy(update={"file": entry.get("file", TABLE["file"])})
    return {"study": "a_2020", "tables": {"points": table}}


def normalize_folder(folder, entry, files):
    """Write the files, normalise them, and return the error; check that nothing is left."""
    for name, content in files.items():
        data = content if isinstance(content, bytes) else content.encode()
        (folder / name).write_bytes(data)
    card = card_of(entry)
    out = folder / "results" / "a_2020.parquet"
    with pytest.raises(ScalingStudiesError) as caught:
        normalize_file(**card, data_dir=folder, out=out)
    assert not list(folder.glob("results/*"))
    text = str(caught.value)
    assert "\n" not in text
    assert "study a_2020" in text
    assert ". Fix: " in text
    assert str(folder) not in text
    return caught.value, card
