"""The commands, one file each.

A file defines ``HELP``, ``add_options(parser)`` and ``run(options) -> exit status``. All of them
are imported to list the commands, so a file imports nothing slow before its command is called.
"""
