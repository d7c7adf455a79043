"""Smoothly broken power law with two breaks."""

from __future__ import annotations

from scaling_studies.models.broken_power import broken_law

LAW = broken_law("broken_two", 2)
