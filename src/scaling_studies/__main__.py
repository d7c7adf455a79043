"""The commands where no script is on the path: ``python -m scaling_studies fit runs.csv``."""

import sys

from scaling_studies.cli.main import main

sys.exit(main())
