"""Adapters: one small module for each upstream format.

An adapter is a module of this package with one public function::

    extract(paths: dict[str, pathlib.Path], **options) -> dict[str, pandas.DataFrame]

``paths`` maps the path that a file has in its upstream repository to a local, verified copy;
``options`` are the plain values written in ``data/<study>/source.yaml``. The result maps the name
of a fact table (its file name without ``.csv``) to its rows, in the order in which they are to be
written. An adapter reads what it is given and nothing else, checks every value it takes, and
raises :class:`scaling_studies.errors.TableError` naming the upstream file, row and column.

A module is found by its file name: adding a format is adding a file.
"""
