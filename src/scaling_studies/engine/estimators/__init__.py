"""Ways to get a law's parameters: equals, one file each, called by name.

A file ``<name>.py`` in this folder defines ``estimate``, a function of a `Request` that returns a
`Fit` (`scaling_studies.registry`). It may also say ``AXES``, the columns that it reads where these
are not the axes of the law, ``LAW``, the only law that it gives, and ``NEEDS_GROUPS``.
"""
