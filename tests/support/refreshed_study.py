"""A small study with a source record, and changes of it."""

from __future__ import annotations

import hashlib

UPSTREAM = b"size,flop,other,loss\n1e6,1e15,x,4.5\n2500000.5,2e15,y,4.25\n"
TABLE = b"point,params,training_flops,loss\n0,1000000.0,1000000000000000.0,4.5\n"
TABLE += b"1,2500000.5,2000000000000000.0,4.25\n"
RECORD = """\
# Kept: a comment at the top.
study: someone_2020
citation: Someone. A paper. 2020.
licence: {spdx: none stated, terms: Unknown.}
upstream:
  - repository: owner/name
    commit: COMMIT
    retrieved: 2026-01-02
    files:
      - {path: data/points.csv, bytes: BYTES, sha256: UPSTREAM}
tables:
  - file: points.csv
    how: extracted
    adapter: plotted_points
    options: {columns: {params: size, training_flops: flop, loss: loss}}
    rows: 2
    sha256: TABLE
    columns:
      point: {unit: "1", description: Number.}
      params: {unit: parameters, description: N.}
      training_flops: {unit: FLOP, description: C.}
      loss: {unit: nats_per_token, description: L.}
  # Kept: a comment between tables.
  - file: notes.csv
    how: transcribed
    transcribed: 2026-01-02
    transcribed_from: Page 3.
    rows: 1
    sha256: NOTES
    columns:
      a: {unit: "1", description: A number.}
"""
NOTES = b"a\n7\n"
COMMIT = "b" * 40


def sha256(content):
    return hashlib.sha256(content).hexdigest()


def edit(study, old, new):
    path = study / "source.yaml"
    text = path.read_text()
    assert old in text
    path.write_text(text.replace(old, new, 1))


def upstream_of(options, content):
    """Change the upstream file and pin what it now is."""
    path = options["upstream"].mirror / "owner" / "name" / COMMIT / "data" / "points.csv"
    path.write_bytes(content)
    study = options["data_dir"] / "someone_2020"
    edit(study, str(len(UPSTREAM)), str(len(content)))
    edit(study, sha256(UPSTREAM), sha256(content))


def snapshot(folder):
    return {path.name: path.read_bytes() for path in folder.iterdir()}
