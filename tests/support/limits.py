"""What a call takes in CPU seconds and memory, measured in a process of its own."""

from __future__ import annotations

import json
import os
import resource
import traceback
from collections.abc import Callable

from scaling_studies.errors import ScalingStudiesError

#: What bad input may take before it is refused.
SECONDS, BYTES = 1.0, 500_000_000


def refusal(call: Callable[[], object]) -> str:
    """The line in which a call refuses its input, within the limits; else an assertion fails."""
    said, seconds, grown = measured(call)
    assert said is not None and said.startswith("refused: "), said or "nothing was refused"
    assert seconds < SECONDS, f"{seconds:.2f} s"
    assert grown < BYTES, f"{grown / 1e6:.0f} MB"
    line = said.removeprefix("refused: ")
    assert line.isprintable() and len(line) < 5000 and "Fix: " in line
    return line


def measured(call: Callable[[], object]) -> tuple[str | None, float, int]:
    """What a call raises (None when it returns), CPU seconds, and bytes that the process grew."""
    receive, send = os.pipe()
    child = os.fork()
    if child == 0:
        os.close(receive)
        try:
            before = resource.getrusage(resource.RUSAGE_SELF)
            said = None
            try:
                call()
            except ScalingStudiesError as error:
                said = f"refused: {error}"
            except BaseException:
                said = traceback.format_exc()
            after = resource.getrusage(resource.RUSAGE_SELF)
            seconds = after.ru_utime + after.ru_stime - before.ru_utime - before.ru_stime
            grown = (after.ru_maxrss - before.ru_maxrss) * 1024
            with os.fdopen(send, "w") as answer:
                json.dump([said, seconds, grown], answer)
        finally:
            os._exit(0)
    os.close(send)
    with os.fdopen(receive) as answer:
        text = answer.read()
    os.waitpid(child, 0)
    assert text, "the process ended without an answer"
    said, seconds, grown = json.loads(text)
    return said, seconds, grown
