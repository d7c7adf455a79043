"""Tables of people's own runs, in any form, as one frame in base units.

`read_runs` is the way in; `add_reading_options` and `read_from_options` give commands its flags.
"""

from scaling_studies.reading.options import add_reading_options, read_from_options
from scaling_studies.reading.own_runs import OwnRuns, Role
from scaling_studies.reading.read import read_runs

__all__ = ["OwnRuns", "Role", "add_reading_options", "read_from_options", "read_runs"]
