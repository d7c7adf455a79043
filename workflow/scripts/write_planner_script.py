"""Rule write_planner_script: what draws the planner's chart, from the installed package."""

from scaling_studies.artefacts import files, logs
from scaling_studies.pages import planner

logs.start(snakemake.log[0])
files.write_bytes(snakemake.output[0], planner.bundle().encode())
