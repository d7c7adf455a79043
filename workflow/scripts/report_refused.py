"""Rule report_refused: a run that left out studies with bad cards ends with an error."""

import json

from scaling_studies.artefacts import logs
from scaling_studies.errors import CardError

logs.start(snakemake.log[0])
refused = json.loads(snakemake.params.refused)
raise CardError(
    f"everything else was made; not run: {', '.join(refused)}",
    fix="mend these cards; what is wrong with them stands in the first lines of this run",
)
