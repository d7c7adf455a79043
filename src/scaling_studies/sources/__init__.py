"""Upstream files at their pinned commits, and the fact tables extracted from them."""
