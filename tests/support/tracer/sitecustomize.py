"""Found by every Python that a traced run starts: what a job imports and reads of the library."""

import atexit
import json
import os
import sys
from pathlib import Path

LIBRARY = os.environ["TRACED_LIBRARY"]
opened = set()


def note(event, arguments):
    """Note a file of the library that is opened as data."""
    if event == "open" and str(arguments[0]).startswith(LIBRARY):
        opened.add(str(arguments[0]))


def write():
    """Write what the job used, under the name of its rule and wildcards."""
    job = getattr(sys.modules["__main__"], "snakemake", None)
    if job is None:
        return
    modules = {str(getattr(each, "__file__", None)) for each in list(sys.modules.values())}
    used = {file for file in modules | opened if file.startswith(LIBRARY)}
    record = {
        "rule": job.rule,
        "wildcards": dict(job.wildcards.items()),
        "used": sorted(file[len(LIBRARY) + 1 :] for file in used if "__pycache__" not in file),
    }
    Path(os.environ["TRACES"], f"{os.getpid()}.json").write_text(json.dumps(record))


sys.addaudithook(note)
atexit.register(write)
