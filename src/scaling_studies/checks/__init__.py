"""Checks for the known mistakes of fitting: one module a check, found by file name.

A check is a module ``kinds/<name>.py`` with ``MEANING`` (one sentence), ``NOTHING`` (what
a study lacks that it has nothing to look at) and a function ``find(context)`` that yields a
`Finding` for everything it notices, also that all is well. There is no central list. What each
looks at and where its threshold comes from is in ``docs/checks.md``.
"""
