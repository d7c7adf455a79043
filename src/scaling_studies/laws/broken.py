"""Smoothly broken power law with one break."""

from __future__ import annotations

from scaling_studies.models.broken_power import broken_law

LAW = broken_law("broken", 1)
