"""What stands in cells beside numbers: footnote marks, emphasis, labels of experts."""

from __future__ import annotations

import re

_SIGN = r"(?:[*∗†‡§¶‖#↑↓]|\\d?dagger|\\ast|\\star)"
_EMPHASIS = re.compile(r"([*_`]{1,3})([^*_`].*?)\1")
_LEADING = re.compile(r"(?:[*∗†‡§¶‖↑↓]|\\d?dagger)+\s*")
#: Marks of the shapes *, (*), ^{*}, $^\dagger$.
_PLAIN = re.compile(rf"\s*\$?\^?[(\[{{]?\s*{_SIGN}+\s*[)\]}}]?\$?$|\s*[ᵃᵇᶜᵈᵉᶠ]+$")
#: Letters and digits that may be marks: [1], (a), ^a, <sup>1</sup>, \textsuperscript{a}, ¹.
_LETTERED = re.compile(
    r"\s*(?:\$?\^\{?|[(\[{]|<sup>|\\(?:textsuperscript|tnote|footnotemark)[{\[])"
    r"\s*([a-z]|\d{1,2})\s*(?:[)\]}]?\$?|</sup>)$|\s*([¹²³⁴-⁹]+)$"
)
#: Letters that are multiples where no other multiple stands before them.
_MULTIPLES = frozenset("kmbgt")
_WITH_SUFFIX = re.compile(r"[~<>≈+-]?\s*[\d.,'’ ]*\d\s*(?:[kmbt]n?|million|billion|trillion)")
_DECIMAL = re.compile(r"[~<>≈+-]?\d*\.\d+")
#: What says that a label is one of a mixture of experts.
_EXPERTS = re.compile(
    r"\d+\s*[x×]\s*\d|[x×]\s*\d+$|\d+\s*e\b|(?:^|[-_/+ (])(?:e|experts?)[-_ ]?\d+|experts?|moe"
    r"|top[-_ ]?\d|\d[kmbt]e\d|(?<![a-z])a[-_ ]?\d+(?:\.\d+)?[kmbt](?![a-z])|[kmbt]a\d"
)


def without_marks(text: str) -> str | None:
    """Take footnote marks and emphasis off a number in lower case; None when there are none.

    A digit that may be a power, as in ``2³``, and a letter that may be a multiple, as in
    ``15 (m)``, are no marks.

    Examples
    --------
    >>> without_marks("1.3b†"), without_marks("**3.21**"), without_marks("110m [2]")
    ('1.3b', '3.21', '110m')
    >>> without_marks("15 (m)") is None
    True
    """
    found = text
    while True:
        shorter = _shorter(found)
        if shorter == found:
            break
        found = shorter
    return None if found == text else found


def _shorter(text: str) -> str:
    if emphasis := _EMPHASIS.fullmatch(text):
        return emphasis[2].strip()
    text = _LEADING.sub("", text, count=1) if _LEADING.match(text) else text
    if mark := _PLAIN.search(text):
        return text[: mark.start()]
    if mark := _LETTERED.search(text):
        before, letter = text[: mark.start()], mark[1] or mark[2]
        suffixed = bool(_WITH_SUFFIX.fullmatch(before))
        certain = suffixed or (
            bool(_DECIMAL.fullmatch(before)) if not letter.isalpha() else letter not in _MULTIPLES
        )
        # Behind an integer, brackets hold a reference; a raised digit may be a power.
        if certain or (letter.isdigit() and text[mark.start() :].strip().startswith("[")):
            return before
    return text


def is_mixture(cell: str) -> bool:
    """Whether a label is that of a mixture of experts, whose size it does not tell.

    Examples
    --------
    >>> [is_mixture(label) for label in ("8x7B", "1.3B-E64", "run_15M")]
    [True, True, False]
    """
    return bool(_EXPERTS.search(cell.lower()))
