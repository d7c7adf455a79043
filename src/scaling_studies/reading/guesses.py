"""What a column may be, told by its name."""

from __future__ import annotations

from dataclasses import dataclass
from functools import lru_cache

from scaling_studies.reading.names import TABLE, Name, word_list

#: Words that make an unused column smell of the data that runs saw.
SMELLS_OF_DATA = word_list("smells")


@dataclass(frozen=True)
class Guess:
    """A role that a column may have.

    Attributes
    ----------
    role
        ``params``, ``tokens``, ``samples``, ``flops``, ``loss``, ``step``, ...
    kind
        What of it: ``total``, ``active``, ``seen``, ``planned``, a unit of the loss, ...
    rank
        Place among columns of the role; the lowest is taken.
    sure
        False when the name leaves it open; then it is asked for.
    place
        Set on which a loss was measured; empty for the one of the run.
    """

    role: str
    kind: str = ""
    rank: float = 0.0
    sure: bool = True
    place: str = ""


def guess(name: Name) -> Guess | None:
    """Role that a column's name speaks for, or None."""
    found = _guess(name)
    return found if found is not None and found.role else None


def smells_of_data(name: Name) -> bool:
    """Whether a column may say how much data or compute runs used, as far as its name goes."""
    found = _guess(name)
    if found is not None and found.role == "multiple":
        return True
    return (found is None or bool(found.role)) and bool(set(name.words) & SMELLS_OF_DATA)


@lru_cache(maxsize=4096)
def _guess(name: Name) -> Guess | None:
    for find in (_listed, _loss, _params, _flops, _tokens, _samples, _steps):
        if (found := find(name)) is not None:
            return found
    return None


#: A name that is known and has no role.
_NOTHING = Guess("")


def _listed(name: Name) -> Guess | None:
    for kind in TABLE["batch"]:
        if _in(name, word_list("batch", kind)):
            return Guess("batch", kind)
    for role in ("length", "devices", "accumulation", "ratio", "multiple"):
        if _in(name, word_list(role)):
            return Guess(role)
    if name.plain in ("n", "d", "c", "l") and len(name.words) == 1:
        role = {"n": "params", "d": "tokens", "c": "flops", "l": "loss"}[name.plain]
        return Guess(role, "letter", 8.0, sure=False)
    if name.plain in ("l_nats", "l_nat", "l_nats_per_token"):
        return Guess("loss", "letter", 8.0, sure=False)
    if name.plain in ("s", "b") and len(name.words) == 1:
        return Guess("step" if name.plain == "s" else "batch", "letter", 8.0, sure=False)
    if name.plain == "active":
        return Guess("params", "active", 6.0, sure=False)
    if name.plain == "size":
        return Guess("size", sure=False)
    if _in(name, word_list("samples", "whole")):
        return Guess("samples", rank=1.0)
    return None


def _in(name: Name, words: frozenset[str]) -> bool:
    return name.full in words or name.plain in words


def _params(name: Name) -> Guess | None:
    words = set(name.words)
    if _in(name, word_list("params", "whole_active")):
        return Guess("params", "active", 1.0)
    if _in(name, word_list("params", "whole_non_embedding")):
        return Guess("params", "non_embedding", 1.0)
    whole = _in(name, word_list("params", "whole")) or words == {"params", "size"}
    if "params" not in words and not whole:
        return None
    rest = words - {"params", "size"} if not whole else set()
    if whole and words & word_list("params", "apart"):
        return _NOTHING
    if rest & word_list("params", "parts"):
        return _NOTHING
    for kind, said in TABLE["params"]["kinds"].items():
        if rest & set(said.split()):
            left = rest - set(said.split()) - word_list("params", "words")
            return Guess("params", kind, 1.0, sure=not left)
    kind = "total" if rest & {"total", "all", "full", "overall"} else ""
    return Guess("params", kind, 0.0 if rest <= {"total"} else 0.5, not rest - _allowed("params"))


def _allowed(role: str) -> frozenset[str]:
    return word_list(role, "words")


def _axis(name: Name, role: str, heads: set[str]) -> Guess | None:
    words = set(name.words)
    if not words & heads:
        return None
    rest = words - heads - word_list(role, "words")
    total = bool(words & {"total", "cumulative"})
    if rest & word_list(role, "parts") - ({"throughput"} if total else set()):
        return _NOTHING
    rest = rest - {"throughput"}
    seen = word_list(role, "seen")
    if rest & seen:
        return Guess(role, "seen", 0.0, sure=not rest - seen)
    planned = word_list(role, "planned")
    if rest & planned:
        return Guess(role, "planned", 4.0, sure=not rest - planned)
    return Guess(role, "", 1.0 if not rest and total else 1.5, sure=not rest)


def _tokens(name: Name) -> Guess | None:
    if "unique" in name.words and "tokens" in name.words:
        return Guess("unique_tokens")
    return _axis(name, "tokens", {"tokens"})


def _samples(name: Name) -> Guess | None:
    found = _axis(name, "samples", {"samples"})
    if found is not None and found.kind == "seen" and "consumed" in name.words:
        # Megatron counts sequences as samples.
        return Guess("samples", "sequences", 3.0, sure=False)
    return found


def _flops(name: Name) -> Guess | None:
    if _in(name, word_list("flops", "whole")):
        return Guess("flops", "", 2.0)
    found = _axis(name, "flops", {"flops"})
    if found is None or not found.role:
        return found
    said = set(name.words) - {"flops"}
    if not said and name.unit in ("GFLOP", "TFLOP", "PFLOP", "MFLOP"):
        # Trackers log the speed of a device under such names.
        return Guess("flops", "speed", 5.0, sure=False)
    return found


def _steps(name: Name) -> Guess | None:
    words = set(name.words)
    if "steps" not in words:
        return None
    rest = words - {"steps"} - word_list("steps", "words")
    if rest & word_list("steps", "parts"):
        return _NOTHING
    if rest & word_list("steps", "planned"):
        return Guess("step", "planned", 4.0)
    return Guess("step", "", 0.0 if not rest else 2.0, sure=not rest)


def _loss(name: Name) -> Guess | None:
    words = list(dict.fromkeys(name.words))
    unit, words = _loss_unit(words)
    if unit is not None and name.plain in ("count", "n", "size"):
        return _NOTHING
    if unit is None:
        return None
    if set(words) & word_list("loss", "parts"):
        return _NOTHING
    splits = [
        kind for kind, said in TABLE["loss"]["splits"].items() if set(words) & {*said.split()}
    ]
    known = {word for said in TABLE["loss"]["splits"].values() for word in said.split()}
    left = [word for word in words if word not in known | word_list("loss", "fillers")]
    overall = bool(set(left) & word_list("loss", "overall"))
    rank = {"validation": 0.0, "test": 1.0, "train": 4.0}.get(splits[0] if splits else "", 2.0)
    rank += {"": 0.0, "bits_per_byte": 0.3, "perplexity": 0.6}.get(unit, 0.4)
    place = "" if overall else " ".join(left)
    return Guess("loss", unit, rank + (0.1 if overall else 0.0), place=place)


def _loss_unit(words: list[str]) -> tuple[str | None, list[str]]:
    """Unit that the words of a loss say, "" for nats or none; None when they are of no loss."""
    joined = "_".join(words)
    for unit, said in TABLE["loss"]["units"].items():
        for word in said.split():
            if word in words or word in joined:
                pieces = set(word.split("_")) | {"per", "token", "tokens"}
                return unit, [each for each in words if each not in pieces]
    if set(words) & word_list("loss", "nats") or "cross_entropy" in joined:
        plain = word_list("loss", "nats") | {"nats", "per", "tokens", "nat"}
        percent = {"percent", "pct", "percentage"} & {*words}
        left = [word for word in words if word not in plain | percent]
        return "percent" if percent else "", left
    return None, words


def is_other_metric(name: Name) -> bool:
    """Whether a measured column is plainly no loss."""
    return bool(set(name.words) & word_list("not_loss"))
