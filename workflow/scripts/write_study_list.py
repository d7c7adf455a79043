"""Rule write_study_list: what each study's page leads to, for the script of the pages."""

from scaling_studies.artefacts import files, logs

logs.start(snakemake.log[0])
script = f"window.studies = {snakemake.params.studies};\n"
files.write_bytes(snakemake.output[0], script.encode())
