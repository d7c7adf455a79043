"""Rule check: every generated file against its recorded checksum."""

import json
import sys

from scaling_studies.artefacts import logs, verify

logs.start(snakemake.log[0])
verified, problems = verify.verify(".", json.loads(snakemake.params.wanted))
for problem in problems:
    print(f"Error: {problem}", file=sys.stderr)
print(f"{verified} files are as they were written, {len(problems)} are not.", file=sys.stderr)
sys.exit(1 if problems else 0)
