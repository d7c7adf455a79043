"""Small upstream files for adapters, and what is refused of them."""

from __future__ import annotations

import pytest

from scaling_studies import registry
from scaling_studies.errors import TableError


def write(tmp_path, files):
    paths = {}
    for name, content in files.items():
        path = tmp_path / name
        path.parent.mkdir(parents=True, exist_ok=True)
        path.write_bytes(content if isinstance(content, bytes) else content.encode())
        paths[name] = path
    return paths


def refused(adapter, paths, options, *words):
    with pytest.raises(TableError) as caught:
        registry.load("adapters", adapter)(paths, **options)
    line = str(caught.value)
    assert "\n" not in line and "Fix:" in line
    for word in words:
        assert word in line, line
