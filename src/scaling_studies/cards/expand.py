"""A card says a thing once: defaults, likenesses, short forms and globs are written out here.

Everything works on the plain values of a card before they are validated, and leaves alone what
does not have the expected shape: the models say what is wrong with it.

Rules
-----
* An entry `defaults` of `tables`, `fits`, `laws`, `figures`, `targets` or `quantities` is no entry:
  all others there start from it.
* An entry of `fits` with a star in its name is no fit: what it says holds for all fits so named, on
  top of what they start from; in its texts `{*}` is the part of the name behind its first star.
* A fit with `like: other` starts from that fit, but for what is said of it (`SAID_OF_ONE`).
* Mappings merge key by key, all the way down; anything else replaces what it starts from; an empty
  value takes away what it would start from.
* A column may be its `from`, which is its own name when nothing else is said; a measurement is
  taken from the column named as its metric. Conditions in `rows` and `held_out` may stand there
  without `where`. A target may be its value, and its tolerance brings its kind: `0.01 relative`.
  One word of `confirmation` stands for all of `fixed`.
* In lists of fits `c4_*` stands for the fits so named in the order of the card, and a pattern
  after `not` takes fits away: `["*", not *_printed]`.
* A figure with the option `labels: fits` takes the labels that its fits have.
"""

import fnmatch
import re
from collections.abc import Callable, Mapping
from typing import Any

from scaling_studies.errors import CardError

DEFAULTS = "defaults"
#: Keys of a fit that another fit `like` it does not take over.
SAID_OF_ONE = frozenset({"title", "label", "headline", "targets", "reading", "step"})
#: Values of a card and entries of a part of it once all is written out; patterns of a list of fits
#: and their length; fits that one is like through others. The longest card has 700 values.
LONGEST_TEXT = 3_000
MOST_VALUES, MOST_ENTRIES = 20_000, 1_000
MOST_PATTERNS, LONGEST_PATTERN, LONGEST_CHAIN = 100, 200, 50
#: Keys of `rows`; others are conditions.
ROWS = frozenset({"where", "any", "drop_largest", "keep_smallest", "lowest"})


def expanded(card: Any, study: str | None = None) -> Any:
    """The card with everything written out.

    Parameters
    ----------
    card
        Plain values as read.
    study
        Named in errors.

    Raises
    ------
    CardError
        When a fit is like one that is not there, or like itself, or the card grows without end.
    """
    if not isinstance(card, dict):
        return card
    card = dict(card)
    _Room(study).take(card)
    for part in ("tables", "fits", "laws", "figures"):
        entries = card.get(part)
        if isinstance(entries, dict) and len(entries) > MOST_ENTRIES:
            raise CardError(
                f"there are more than {MOST_ENTRIES:,} {part}",
                study=study,
                key=part,
                fix="divide the study",
            )
    room = _Room(study)
    if isinstance(card.get("tables"), dict):
        tables = with_defaults(card["tables"], _short_table)
        card["tables"] = {name: room.take(_finished_table(table)) for name, table in tables.items()}
    fits = card.get("fits")
    if isinstance(fits, dict):
        card["fits"] = fits = _fits(fits, study, room)
        for part in ("ranking", "plan"):
            card |= {part: _with_fits(card[part], list(fits))} if part in card else {}
        if isinstance(card.get("laws"), dict):
            laws = with_defaults(card["laws"])
            names = list(fits)
            card["laws"] = {name: room.take(_with_fits(law, names)) for name, law in laws.items()}
    if isinstance(card.get("figures"), dict):
        names = list(fits) if isinstance(fits, dict) else []
        labels = _labels(fits) if isinstance(fits, dict) else {}
        card["figures"] = {
            name: room.take(_figure(figure, names, labels))
            for name, figure in with_defaults(card["figures"]).items()
        }
    return card


class _Room:
    """Counts the values of a card that is written out, and says when these are too many."""

    def __init__(self, study: str | None) -> None:
        self.study = study
        self.left = MOST_VALUES

    def take(self, value: Any) -> Any:
        """Return the value.

        Raises
        ------
        CardError
            With it the card has too many values.
        """
        open_values = [value]
        while open_values:
            self.left -= 1
            if self.left < 0:
                raise CardError(
                    f"the card has more than {MOST_VALUES:,} values with its short forms written "
                    "out",
                    study=self.study,
                    fix="put long lists into a table, or divide the study",
                )
            part = open_values.pop()
            if isinstance(part, (dict, list)):
                open_values += part.values() if isinstance(part, dict) else part
        return value


def merged(base: Any, own: Any) -> Any:
    """What stands in `own`, on top of what stands in `base`."""
    if not isinstance(base, dict) or not isinstance(own, dict):
        return own
    result = dict(base)
    for key, value in own.items():
        if value is None and key in base:
            del result[key]
        else:
            result[key] = merged(base[key], value) if key in base else value
    return result


def with_defaults(entries: dict[str, Any], short: Callable[[Any], Any] = lambda x: x) -> dict:
    """Entries by name, each on top of the one called `defaults`."""
    base = short(entries.get(DEFAULTS, {}))
    return {name: merged(base, short(entry)) for name, entry in entries.items() if name != DEFAULTS}


def _fits(entries: dict[str, Any], study: str | None, room: _Room) -> dict[str, Any]:
    short = {name: _short_fit(entry) for name, entry in entries.items()}
    base = short.pop(DEFAULTS, {})
    groups = {
        name: short.pop(name) for name in list(short) if isinstance(name, str) and "*" in name
    }

    for pattern in groups:
        if not any(_stars(pattern).fullmatch(str(name)) for name in short):
            raise CardError(
                f"no fit of this card is named like {pattern!r}",
                study=study,
                key=f"fits.{pattern}",
                fix="take the group away, or name it after its fits, as in c4_*",
            )

    def complete(name: str, below: tuple[str, ...] = ()) -> Any:
        entry, start = short[name], base
        like = entry.get("like") if isinstance(entry, dict) else None
        if isinstance(like, str):
            if len(below) > LONGEST_CHAIN:
                raise CardError(
                    f"the fit is like {like!r} through more than {LONGEST_CHAIN} others",
                    study=study,
                    key=f"fits.{name}.like",
                    fix="name the first of them",
                )
            if like not in short or like in (*below, name):
                raise CardError(
                    f"the fit is like {like!r}, which "
                    + ("leads back to it" if like in short else "is no fit of this card"),
                    study=study,
                    key=f"fits.{name}.like",
                    fix="name another fit of this card",
                )
            start = complete(like, (*below, name))
            if isinstance(start, dict) and isinstance(base, dict):
                start = {key: value for key, value in start.items() if key not in SAID_OF_ONE}
                start |= {key: value for key, value in base.items() if key in SAID_OF_ONE}
            entry = {key: value for key, value in entry.items() if key != "like"}
        for pattern, group in groups.items():
            start = merged(start, _of_group(pattern, group, name))
        return merged(start, entry)

    return {name: room.take(_finished(complete(name))) for name in short}


def _of_group(pattern: str, group: Any, name: str) -> Any:
    """What a group says of a fit: nothing when the fit is not so named."""
    found = _stars(pattern).fullmatch(name)
    return _filled(group, found[1]) if found else {}


def _stars(pattern: str) -> re.Pattern[str]:
    """What a pattern stands for, each of its stars a group."""
    return re.compile("(.*)".join(map(re.escape, pattern.split("*"))), re.DOTALL)


def _filled(value: Any, word: str) -> Any:
    if isinstance(value, dict):
        return {key: _filled(item, word) for key, item in value.items()}
    if isinstance(value, list):
        return [_filled(item, word) for item in value]
    # A longer text is refused, and would grow with each fit.
    is_text = isinstance(value, str) and len(value) < LONGEST_TEXT
    return value.replace("{*}", word) if is_text else value


def _short_table(entry: Any) -> Any:
    """A table without short forms."""
    if not isinstance(entry, dict):
        return entry
    entry = dict(entry)
    if isinstance(entry.get("columns"), dict):
        entry["columns"] = {
            name: {"from": column} if isinstance(column, (str, list)) else column
            for name, column in entry["columns"].items()
        }
    return entry


def _finished_table(table: Any) -> Any:
    """A merged table whose columns and measurements say where they come from."""
    if not isinstance(table, dict):
        return table
    columns, measurements = table.get("columns"), table.get("measurements")
    if isinstance(columns, dict):
        own = {
            name: {"from": name}
            for name, column in columns.items()
            if isinstance(column, dict) and not {"from", "derive"} & set(column)
        }
        table = table | {"columns": merged(own, columns)}
    if isinstance(measurements, list):
        table = table | {
            "measurements": [
                {"from": item["metric"]} | item
                if isinstance(item, dict) and isinstance(item.get("metric"), str)
                else item
                for item in measurements
            ]
        }
    return table


def _short_fit(entry: Any) -> Any:
    """A fit without short forms."""
    if not isinstance(entry, dict):
        return entry
    entry = dict(entry)
    for key in ("rows", "held_out"):
        if isinstance(entry.get(key), dict):
            entry[key] = _short_rows(entry[key])
    if isinstance(entry.get("targets"), dict):
        entry["targets"] = {
            name: _short_target(target) for name, target in entry["targets"].items()
        }
    return entry


def _short_target(target: Any) -> Any:
    if not isinstance(target, dict):
        return target if target is None else {"value": target}
    number, _, kind = str(target.get("tolerance")).partition(" ")
    if not kind:
        return target
    try:
        return target | {"tolerance": float(number), "tolerance_kind": kind}
    except ValueError:
        return target


def _short_rows(rows: Mapping[str, Any]) -> dict[str, Any]:
    conditions = {key: value for key, value in rows.items() if key not in ROWS}
    kept = {key: value for key, value in rows.items() if key in ROWS}
    if not conditions:
        return kept
    where = kept.get("where", {})
    return kept | {"where": where | conditions if isinstance(where, dict) else where}


def _finished(fit: Any) -> Any:
    """A merged fit with its quantities and targets written out."""
    if not isinstance(fit, dict):
        return fit
    if isinstance(fit.get("quantities"), dict):
        fit = fit | {"quantities": with_defaults(fit["quantities"])}
    if isinstance(fit.get("targets"), dict):
        targets = with_defaults(fit["targets"])
        fit = fit | {
            "targets": [
                {"quantity": name} | target if isinstance(target, dict) else target
                for name, target in targets.items()
            ]
        }
    confirmation, fixed = fit.get("confirmation"), fit.get("fixed")
    if isinstance(confirmation, str) and isinstance(fixed, dict):
        fit = fit | {"confirmation": dict.fromkeys(fixed, confirmation)}
    return fit


def _labels(fits: Mapping[str, Any]) -> dict[str, Any]:
    """Label by fit, of those that have one."""
    return {
        name: fit["label"]
        for name, fit in fits.items()
        if isinstance(fit, dict) and fit.get("label")
    }


def _figure(figure: Any, names: list[str], labels: Mapping[str, Any]) -> Any:
    figure = _with_fits(figure, names)
    options = figure.get("options") if isinstance(figure, dict) else None
    if not isinstance(options, dict):
        return figure
    chosen = figure["fits"] if isinstance(figure.get("fits"), list) else names
    if isinstance(options.get("panels"), list):
        panels = [_with_fits(panel, chosen) for panel in options["panels"]]
        options = options | {"panels": panels}
    if options.get("labels") == "fits":
        shown = {name: labels[name] for name in chosen if isinstance(name, str) and name in labels}
        options = options | {"labels": shown}
    return figure | {"options": options}


def _with_fits(entry: Any, names: list[str]) -> Any:
    """An entry whose list of fits names each of them."""
    wanted = entry.get("fits") if isinstance(entry, dict) else None
    if isinstance(wanted, str):
        wanted = [wanted]
    if not isinstance(wanted, list) or not all(isinstance(pattern, str) for pattern in wanted):
        return entry
    if len(wanted) > MOST_PATTERNS or max(map(len, wanted), default=0) > LONGEST_PATTERN:
        return entry
    chosen: list[str] = []
    for pattern in wanted:
        if pattern.startswith("not "):
            chosen = [name for name in chosen if not fnmatch.fnmatchcase(name, pattern[4:])]
        elif any(sign in pattern for sign in "*?["):
            found = [name for name in names if fnmatch.fnmatchcase(name, pattern)]
            # A pattern that fits nothing stays, and is refused as the name of no fit.
            chosen += [name for name in found if name not in chosen] or [pattern] * (not found)
        else:
            chosen.append(pattern)
    return entry | {"fits": chosen}
