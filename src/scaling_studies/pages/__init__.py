"""Pages of the report, from artefacts; a page computes no number."""
