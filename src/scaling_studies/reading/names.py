"""Names of columns, cut into words and units."""

from __future__ import annotations

import re
from dataclasses import dataclass
from functools import lru_cache
from pathlib import Path
from typing import Any

import yaml

from scaling_studies.reading.numbers import FLOP, SUFFIXES

TABLE: dict[str, Any] = yaml.load(
    Path(__file__).with_name("names.yaml").read_text(encoding="utf-8"),
    Loader=getattr(yaml, "CSafeLoader", yaml.SafeLoader),
)
_SAME = {word: name for name, words in TABLE["same"].items() for word in words.split()}
FILLERS = frozenset(TABLE["fillers"].replace('"', "").split())
#: Word -> logarithm that it says a column holds.
_LOGS = {"log10": "log10", "lg": "log10", "log": "log", "ln": "ln", "log2": "log2", "loge": "ln"}
_COUNTS = {
    word: factor for word, factor in SUFFIXES.items() if word not in ("g", "mm", "mil", "gt")
}
_FLOP_WORD = re.compile(rf"({'|'.join(sorted(FLOP, key=len, reverse=True))})flop[s]?")
_FLOP_DAYS = re.compile(
    r"(?<![a-z])(giga|tera|peta|exa|zetta|[gtpez])f(?:lop)?s?(?:[\s_/-]*s)?[\s_/-]*days?(?![a-z])"
)
#: A day of so many FLOP a second -> its unit.
_DAYS = {"gfdays": "1e-6 PF-days", "tfdays": "1e-3 PF-days", "pfdays": "PF-days",
         "efdays": "1e3 PF-days", "zfdays": "1e6 PF-days"}  # fmt: skip
_POWER = re.compile(r"(?:x|×)?(?:1?e\+?|10\^?)([1-9]\d?)")
#: A multiple written out, as in (×1000) and (x 1,000,000), and thousands of steps in one word.
_WRITTEN_OUT = re.compile(r"(?<![a-z0-9])[x×*]\s*1((?:[ ,.]?000)+)(?!\d)")
_KILO_STEPS = re.compile(r"(?<![a-z])k(?:ilo)?_?(steps?|iters?|iterations?)(?![a-z])")
_NAME_OF = {1e3: "thousand", 1e6: "million", 1e9: "billion", 1e12: "trillion"}
_PREFIX_OF = {1e6: "M", 1e9: "G", 1e12: "T", 1e15: "P", 1e18: "E", 1e21: "Z"}
#: First parts under which MLflow keeps everything, and what may be said of sizes under the same.
_PREFIXES = {"params", "metrics", "tags"}
_COUNTS_OF_SIZES = {"total", "active", "activated", "non_embedding", "trainable", "count", "n"}
#: Words of folders that say nothing of a count in them, and the words of counts.
_FOLDERS = frozenset(TABLE["folders"].split())
_COUNTED = {"params", "tokens", "flops", "samples", "loss", "nll"}
_WORD = re.compile(r"non_embedding|so_far|[a-z0-9+^×]+")
_BRACKETS = re.compile(r"[(\[{][^)\]}]*[)\]}]")
_SUPERSCRIPTS = str.maketrans("⁰¹²³⁴⁵⁶⁷⁸⁹", "0123456789")


@dataclass(frozen=True)
class Name:
    """A column's name.

    Attributes
    ----------
    text
        The name.
    words
        All its words, in one spelling, without fillers, units and logarithms.
    plain
        Its last part in lower case, words joined by underscores, without the unit.
    full
        The same of the whole name.
    unit
        Unit that it ends in, as `units.unit_of` takes it; None when it says none.
    log
        ``log10``, ``ln``, ``log2``, or ``log`` where the base is not said.
    """

    text: str
    words: tuple[str, ...]
    plain: str
    full: str
    unit: str | None = None
    log: str | None = None

    @property
    def names(self) -> tuple[str, ...]:
        """Forms under which the name may stand in a list: whole, last part."""
        return self.full, self.plain


def word_list(key: str, part: str | None = None) -> frozenset[str]:
    """Words of an entry of names.yaml."""
    entry = TABLE[key] if part is None else TABLE[key].get(part, "")
    return frozenset(entry.split())


@lru_cache(maxsize=4096)
def name_of(column: str) -> Name:
    """Cut a column's name into words, unit and logarithm.

    Examples
    --------
    >>> name = name_of("train/total_tokens (B)")
    >>> name.words, name.unit
    (('train', 'total', 'tokens'), 'billion')
    >>> name_of("compute [PF-days]").unit, name_of("log10_N").log
    ('PF-days', 'log10')
    """
    spaced = re.sub(r"(?<=[a-z])(?=[A-Z][a-z])", "_", column.strip()).translate(_SUPERSCRIPTS)
    spaced = re.sub(r"(?<!\d)10\s*(?:\*\*|\^)\s*\{?(\d{1,2})\}?", r"10^\1", spaced)
    spaced = re.sub(r"\b(log(?:10|2|e)?|ln)_?(?=[NDCL]\b)", r"\1 ", spaced)
    spaced = re.sub(r"\b([kM])(steps?|iters?|iterations?|updates?)\b", r"\2 \1", spaced)
    spaced = re.sub(r"([(\[])\s*G\s*([)\]])$", r"\1B\2", spaced)
    spaced = re.sub(r"(?<=params|tokens)(?=[KMBT](?![A-Za-z]))", "_", spaced)
    spaced = re.sub(
        r"\b([KMGBT])[_ ]?(params?|[Tt]ok(?:en)?s?)\b",
        lambda found: f"{found[2]}_{found[1].replace('G', 'B')}",
        spaced,
    )
    lower = spaced.lower().replace("#", " ")
    lower = _WRITTEN_OUT.sub(lambda zeros: f"10^{zeros[1].count('0')}", lower)
    lower = _KILO_STEPS.sub(r"\1_thousand", lower)
    lower = _FLOP_DAYS.sub(lambda days: f" {days[1][0]}fdays ", lower)
    lower = re.sub(
        r"(?:non|without|no|excl|excluding)[\s_-]+emb(?:ed)?(?:ding)?s?(?![a-z])",
        " non_embedding ",
        lower,
    )
    lower = re.sub(r"so[\s_-]far", "so_far", lower)
    lower = _BRACKETS.sub(lambda inner: inner[0].replace("/", " per ").replace(".", " "), lower)
    parts = [part for part in re.split(r"[/\\]|\.(?=[a-z_])", lower) if part.strip()] or [lower]
    if len(parts) > 1 and parts[0].strip() in _PREFIXES and parts[1] not in _COUNTS_OF_SIZES:
        parts = parts[1:]
    parts = _without_folders(parts)
    cut = [_WORD.findall(part.replace("%", " percent ")) for part in parts]
    words, unit, log = _without_unit([word for part in cut for word in part])
    kept = [_SAME.get(word, word) for word in words]
    kept = [word for word in kept if word not in FILLERS] or kept
    if len(kept) > 1:
        kept = [word for word in kept if word not in ("d", "c", "l")] or kept
    last = _without_unit(cut[-1])[0] or cut[-1]
    return Name(column, tuple(kept), "_".join(last), "_".join(words), unit, log)


def _without_folders(parts: list[str]) -> list[str]:
    """Parts of a nested name without those that only say where it was kept."""
    counted = any(_SAME.get(word, word) in _COUNTED for word in _WORD.findall(parts[-1]))
    if len(parts) < 2 or not counted:
        return parts
    kept = [part for part in parts[:-1] if not {*_WORD.findall(part)} <= _FOLDERS]
    return [*kept, parts[-1]]


def _without_unit(words: list[str]) -> tuple[list[str], str | None, str | None]:
    """Take unit and logarithm out of the words of a name."""
    log = next((_LOGS[word] for word in words if word in _LOGS), None)
    words = [word for word in words if word not in _LOGS]
    unit = None
    before = [place for place, word in enumerate(words) if _FLOP_WORD.fullmatch(word) and place]
    if before and (power := _POWER.fullmatch(words[before[0] - 1])):
        unit, words = f"1e{int(power[1])}", [*words[: before[0] - 1], *words[before[0] :]]
    if len(words) > 1 and (power := _POWER.fullmatch(words[-1])):
        unit, words = f"1e{int(power[1])}", words[:-1]
    elif len(words) > 1 and words[-1] in _COUNTS:
        unit, words = _NAME_OF[_COUNTS[words[-1]]], words[:-1]
        words = words[:-1] if words[-1] == "in" else words
    if len(words) > 1 and unit is None and len(words[-2]) > 1 and words[-2] in _COUNTS:
        counted = _SAME.get(words[-1], words[-1])
        if counted in ("params", "tokens", "samples"):
            again = counted in [_SAME.get(word, word) for word in words[:-2]]
            unit = _NAME_OF[_COUNTS[words[-2]]]
            words = [*words[:-2], *([] if again else words[-1:])]
    for place, word in enumerate(words):
        if word in _DAYS:
            return [*words[:place], "flops", *words[place + 1 :]], _DAYS[word], log
        if unit is None and (flop := _FLOP_WORD.fullmatch(word)) and flop[1]:
            prefix = _PREFIX_OF.get(FLOP[flop[1]])
            unit = f"{prefix}FLOP" if prefix else f"1e{round(len(str(int(FLOP[flop[1]]))) - 1)}"
            return [*words[:place], "flops", *words[place + 1 :]], unit, log
    if len(words) > 2 and words[-1] in ("peta", "exa", "zetta"):
        return words[:-1], f"{words[-1][0].upper()}FLOP", log
    return words, unit, log
