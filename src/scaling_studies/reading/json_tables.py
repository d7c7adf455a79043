"""JSON of any shape that holds runs, as records."""

from __future__ import annotations

import json
import re
from collections.abc import Iterable, Mapping, Sequence
from typing import Any

import pandas as pd

from scaling_studies.errors import TableError
from scaling_studies.reading.guesses import guess
from scaling_studies.reading.names import name_of, word_list
from scaling_studies.reading.unpacking import check_width

#: Key under which the name of a run stands when names are keys.
RUN = "run"
_DEPTH = 6
#: An escape that may be half of a pair.
_HALF = re.compile(r"\\u[dD][89a-fA-F]")
_KNOWN = ("loss", "params", "tokens", "flops", "samples")


def read_json(text: str, name: str) -> pd.DataFrame:
    """Records of a JSON file, or of one with an object a line.

    Parameters
    ----------
    text
        Content of the file.
    name
        File, named in errors.

    Raises
    ------
    TableError
        It is no JSON, or holds no records.
    """
    value = parse(text, name)
    if _HALF.search(text):
        try:
            json.dumps(value, ensure_ascii=False).encode("utf-8")
        except UnicodeEncodeError:
            raise _unreadable(name, "it has half a surrogate pair, which is no text") from None
    return as_table(records_of(value, name), name)


def parse(text: str, name: str) -> Any:
    """Value of a JSON text; a list where an object stands on each line."""
    try:
        return json.loads(text)
    except RecursionError:
        raise _unreadable(name, "it is nested too deeply") from None
    except ValueError as error:
        lines = [line for line in text.splitlines() if line.strip()]
        values: list[Any] = []
        for row, line in enumerate(lines, start=1):
            try:
                values.append(json.loads(line))
            except (ValueError, RecursionError):
                # Objects over several lines, one after the other.
                if values and row > 1 and isinstance(values[0], (dict, list)):
                    raise TableError(
                        f"the line of {name} is not a JSON object",
                        table=name,
                        row=row,
                        fix='write one object a line, for example {"params": 1e9, "loss": 2.5}',
                    ) from None
                return _one_after_the_other(text, name, str(error))
        return values


def _one_after_the_other(text: str, name: str, problem: str) -> list[Any]:
    decoder, place, values = json.JSONDecoder(), 0, []
    while place < len(text):
        rest = re.compile(r"[\s,]*").match(text, place)
        place = rest.end() if rest else place
        if place >= len(text):
            break
        try:
            value, place = decoder.raw_decode(text, place)
        except (ValueError, RecursionError):
            raise _unreadable(name, problem) from None
        values.append(value)
    return values


def _unreadable(name: str, problem: str) -> TableError:
    return TableError(
        f"{name} cannot be read as JSON ({problem})", table=name, fix="save it again as JSON"
    )


def records_of(value: Any, name: str) -> list[dict[str, Any]]:
    """Rows of a JSON value, whatever its shape."""
    found = _records(value)
    if not found:
        raise TableError(
            f"{name} holds no records of runs",
            table=name,
            fix='give a list of objects, for example [{"params": 1e9, "loss": 2.5}]',
        )
    return found


def _records(value: Any) -> list[dict[str, Any]]:
    if isinstance(value, list):
        return _records_of_list(value)
    if not isinstance(value, dict):
        return []
    if isinstance(value.get("log_history"), list):
        return trainer_history(value)
    if {"columns", "data"} <= set(value) and isinstance(value["data"], list):
        return _split(value)
    if {"schema", "data"} <= set(value) and isinstance(value["data"], list):
        return _records(value["data"])
    lists = {
        key: item for key, item in value.items() if isinstance(item, list) and _has_records(item)
    }
    if len(lists) == 1:
        (found,) = lists.values()
        return _records(found)
    if columns := _columns(value):
        return columns
    if harness := harness_result(value):
        return [harness]
    inner = [item for item in value.values() if isinstance(item, dict)]
    if len(inner) == len(value) and len(inner) > 1 and _alike(inner):
        return _dictionaries(value)
    if len(value) == 1 and inner:
        return _records(inner[0])
    return [value]


def _records_of_list(value: list[Any]) -> list[dict[str, Any]]:
    if value and all(isinstance(item, dict) for item in value):
        if all(isinstance(item.get("log_history"), list) for item in value):
            return [row for item in value for row in trainer_history(item)]
        return [harness_result(item) or item for item in value]
    if len(value) > 1 and all(isinstance(item, list) for item in value):
        header, *rows = value
        if all(isinstance(cell, str) for cell in header):
            return [dict(zip(header, row, strict=False)) for row in rows]
    return []


def _has_records(item: list[Any]) -> bool:
    return bool(item) and all(isinstance(each, dict) for each in item)


def _alike(items: Sequence[Mapping[str, Any]]) -> bool:
    shared = set.intersection(*(set(item) for item in items))
    return 2 * len(shared) >= max(len(item) for item in items) and bool(shared)


def _split(value: Mapping[str, Any]) -> list[dict[str, Any]]:
    names = [
        str(item) if not isinstance(item, dict) else str(item.get("name"))
        for item in value["columns"]
    ]
    return [
        dict(zip(names, row, strict=False)) if isinstance(row, list) else row
        for row in value["data"]
    ]


def _columns(value: Mapping[str, Any]) -> list[dict[str, Any]]:
    """Rows of an object with a list of cells for each column."""
    lists = {key: item for key, item in value.items() if isinstance(item, list)}
    if len(lists) < 2 or len({len(item) for item in lists.values()}) != 1:
        return []
    fixed = {key: item for key, item in value.items() if not isinstance(item, (list, dict))}
    rows = zip(*lists.values(), strict=True)
    return [{**fixed, **dict(zip(lists, row, strict=True))} for row in rows]


def _dictionaries(value: Mapping[str, Mapping[str, Any]]) -> list[dict[str, Any]]:
    """Rows of an object of objects: of columns, as pandas writes it, or of runs."""
    outer, inner = list(value), list(dict.fromkeys(key for item in value.values() for key in item))
    numbered = all(key.isdigit() for key in inner)
    if numbered or (_recognised(outer) > _recognised(inner)):
        return [
            {
                **({} if numbered else {RUN: key}),
                **{name: column.get(key) for name, column in value.items()},
            }
            for key in inner
        ]
    if all(key.isdigit() for key in outer) or RUN in inner:
        return [dict(item) for item in value.values()]
    return [{RUN: key, **item} for key, item in value.items()]


def _recognised(names: Iterable[str]) -> int:
    known = {word for role in _KNOWN for word in (role, f"n_{role}")} | word_list("loss", "nats")
    return sum(bool(known & {*name_of(name).words}) for name in names)


def trainer_history(state: Mapping[str, Any]) -> list[dict[str, Any]]:
    """Rows of a ``trainer_state.json`` of the Hugging Face Trainer: one a step that was logged.

    Tokens and compute of the end are divided over the steps where the history has none: the
    Trainer sees a batch of the same size at every step.
    """
    steps: dict[Any, dict[str, Any]] = {}
    entries = [entry for entry in state["log_history"] if isinstance(entry, dict)]
    logged = any("loss" in entry for entry in entries)
    for entry in entries:
        # The summary at the end calls the mean over the whole run its train_loss.
        own = {key: item for key, item in entry.items() if not (logged and key == "train_loss")}
        renamed = {("train_loss" if key == "loss" else key): item for key, item in own.items()}
        steps.setdefault(entry.get("step"), {}).update(renamed)
    last = state.get("global_step")
    for step, row in steps.items():
        for name in ("num_input_tokens_seen", "total_flos"):
            total = state.get(name)
            if not total or name in row or not isinstance(step, (int, float)) or not last:
                continue
            row[name] = total * step / last
    evaluated = [row for row in steps.values() if any(key.startswith("eval") for key in row)]
    return evaluated or list(steps.values())


def harness_result(value: Mapping[str, Any]) -> dict[str, Any] | None:
    """A row of a result of lm-evaluation-harness: ``results.<task>.<metric>,<filter>``."""
    results = value.get("results")
    if not isinstance(results, dict) or not results:
        return None
    if not all(isinstance(item, dict) for item in results.values()):
        return None
    config = value.get("config")
    filtered = any("," in metric for metrics in results.values() for metric in metrics)
    of_tasks = {"versions", "configs", "n-shot"} & set(value)
    if not (filtered or of_tasks or (isinstance(config, dict) and "model_args" in config)):
        return None
    row = {key: item for key, item in value.items() if isinstance(item, (str, int, float))}
    if isinstance(config, dict):
        row.update({key: config[key] for key in ("model", "model_args") if key in config})
        if isinstance(config.get("model_num_parameters"), (int, float)):
            row["n_params"] = config["model_num_parameters"]
    if isinstance(value.get("model_name"), str):
        row[RUN] = value["model_name"]
    for task, metrics in results.items():
        for metric, number in metrics.items():
            metric = metric.removesuffix(",none")
            if isinstance(number, (int, float)) and "stderr" not in metric:
                row[f"{task}/{metric}"] = number
    return row


def as_table(records: Iterable[Mapping[str, Any]], name: str) -> pd.DataFrame:
    """Cells of records as text, nested objects under dotted names."""
    flat = [dict(flattened(row)) for record in records for row in _unrolled(record)]
    check_width(len({key for record in flat for key in record}), name)
    return pd.DataFrame(flat, dtype=object).fillna("").astype(str)


def _unrolled(record: Mapping[str, Any]) -> list[Mapping[str, Any]]:
    """Rows of a record that keeps its curve as lists of one length, a loss among them."""
    for key, item in record.items():
        if isinstance(item, dict) and sum(isinstance(inner, list) for inner in item.values()) > 1:
            # The curve under a name of its own.
            inside = {f"{key}.{name}": inner for name, inner in item.items()}
            outside = {name: each for name, each in record.items() if name != key}
            return _unrolled({**outside, **inside})
    lists = {
        key: item
        for key, item in record.items()
        if isinstance(item, list)
        and item
        and not any(isinstance(one, (list, dict)) for one in item)
    }
    losses = [key for key in lists if (found := guess(name_of(key))) and found.role == "loss"]
    if not losses:
        return [record]
    length = len(lists[losses[0]])
    curves = {key: item for key, item in lists.items() if len(item) == length}
    if len(curves) < 2:
        return [record]
    rest = {key: item for key, item in record.items() if key not in curves}
    return [
        {**rest, **dict(zip(curves, row, strict=True))}
        for row in zip(*curves.values(), strict=True)
    ]


def flattened(
    record: Mapping[str, Any], prefix: str = "", depth: int = 0
) -> Iterable[tuple[str, str]]:
    """Yield the scalars of nested objects under dotted names; lists are left out."""
    for name, value in record.items():
        if isinstance(value, dict) and depth < _DEPTH:
            if set(value) <= {"value", "desc"} and "value" in value:
                # A configuration as Weights & Biases writes it to config.yaml and config.json.
                value = value["value"]
                if isinstance(value, dict):
                    yield from flattened(value, f"{prefix}{name}.", depth + 1)
                    continue
            else:
                yield from flattened(value, f"{prefix}{name}.", depth + 1)
                continue
        if pairs := _pairs(value):
            # MLflow keeps them under data, next to info.
            yield from flattened(pairs, f"{prefix.removesuffix('data.')}{name}.", depth + 1)
            continue
        yield from ((f"{prefix}{name}", text) for text in _scalar(value))


def _pairs(value: Any) -> dict[str, Any]:
    """Object of a list of keys and values, as MLflow writes parameters and metrics."""
    if not isinstance(value, list) or not value:
        return {}
    for key in ("key", "name", "metric"):
        if all(isinstance(item, dict) and {key, "value"} <= set(item) for item in value):
            return {str(item[key]): item["value"] for item in value}
    return {}


def _scalar(value: Any) -> list[str]:
    if isinstance(value, bool):
        return ["true" if value else "false"]
    if isinstance(value, float):
        return [repr(value)]
    if isinstance(value, (str, int)):
        return [str(value).strip()]
    return [""] if value is None else []
