"""Adapters are found by file name."""

from __future__ import annotations

from scaling_studies import registry


def test_adapters_are_found_by_file_name():
    names = registry.names("adapters")
    assert "plotted_points" in names and "_checks" not in names
    for name in names:
        assert callable(registry.load("adapters", name))
