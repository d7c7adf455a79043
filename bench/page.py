"""Pages of the measurements: ``reports/bench.html`` and ``reports/calibration.html``.

Reads the records in ``results/bench/`` and computes nothing. Usage: ``python bench/page.py``
"""

from __future__ import annotations

import csv
import io
import json
import sys
from html import escape
from pathlib import Path

ROOT = Path(__file__).resolve().parents[1]
RECORDS = ROOT / "results" / "bench"

STYLE = """
:root { color-scheme: light dark; font: 16px/1.5 system-ui, sans-serif; }
body { max-width: 60rem; margin: 2rem auto; padding: 0 1rem; }
table { border-collapse: collapse; width: 100%; font-variant-numeric: tabular-nums; }
th, td { padding: .3rem .6rem; border-bottom: 1px solid #8884; text-align: right; }
th:first-child, td:first-child { text-align: left; }
.wide { overflow-x: auto; }
figure { margin: 1.5rem 0; } figure svg { max-width: 100%; height: auto; background: #fff; }
"""


def read(name: str) -> dict | None:
    """One record, or None when that benchmark has not been run."""
    path = RECORDS / f"{name}.json"
    return json.loads(path.read_text(encoding="utf-8")) if path.is_file() else None


def table(head: list[str], rows: list[list[str]]) -> str:
    """HTML table, every text escaped."""
    cells = "".join(f'<th scope="col">{escape(text)}</th>' for text in head)
    body = "".join(
        "<tr>" + "".join(f"<td>{escape(text)}</td>" for text in row) + "</tr>" for row in rows
    )
    head_and_body = f"<thead><tr>{cells}</tr></thead><tbody>{body}</tbody>"
    return f'<div class="wide"><table>{head_and_body}</table></div>'


def page(title: str, parts: list[str]) -> str:
    """Self-contained page."""
    return (
        '<!doctype html>\n<html lang="en"><head><meta charset="utf-8">'
        '<meta name="viewport" content="width=device-width, initial-scale=1">'
        f"<title>{escape(title)}</title><style>{STYLE}</style></head><body>"
        f"<h1>{escape(title)}</h1>{''.join(parts)}</body></html>\n"
    )


def line_figure(curves: list[tuple[str, list, list]], x_label: str, y_label: str, alt: str) -> str:
    """Log-log figure as inline SVG."""
    import matplotlib

    matplotlib.use("svg")
    matplotlib.rcParams["svg.hashsalt"] = "bench"
    import matplotlib.pyplot as plt

    figure, axes = plt.subplots(figsize=(7, 3.6), layout="constrained")
    for label, x, y in curves:
        axes.loglog(x, y, marker="o", label=label)
    axes.set_xlabel(x_label)
    axes.set_ylabel(y_label)
    axes.grid(alpha=0.3)
    if len(curves) > 1:
        axes.legend(frameon=False)
    buffer = io.StringIO()
    figure.savefig(buffer, format="svg", metadata={"Date": None})
    plt.close(figure)
    svg = buffer.getvalue()
    svg = svg[svg.index("<svg") :].replace("<svg", f'<svg role="img" aria-label="{escape(alt)}"', 1)
    return f"<figure>{svg}<figcaption>{escape(alt)}</figcaption></figure>"


def fits_section(record: dict) -> str:
    """Table of the contenders."""
    rows = [
        [
            row["name"],
            f"{row['seconds']:.3f}",
            f"{row['slower']:.0f}",
            f"{row['objective']:.11f}",
            "yes" if row["certified"] else "no",
            f"{row['tokens_per_parameter']:.2f}",
            "" if row["share"] is None else f"{row['share']:.0%}",
            str(row.get("starts_run", "")),
        ]
        for row in record["fits"]
    ]
    head = ["contender", "seconds", "times ours", "objective", "certified optimum"]
    head += ["tokens per parameter at 5.88e23 FLOP", "share of starts there", "starts run"]
    return (
        "<h2>One fit: 240 points, sum of Huber(1e-3)</h2><p>CPU seconds on one thread, warm; the "
        "toolkit in wall-clock seconds on all cores. Where fewer than 4,500 starts were run, the "
        "time is scaled to 4,500.</p>" + table(head, rows)
    )


def commands_section(record: dict) -> str:
    """CPU seconds of each command, beside the least that anyone needs."""
    least = record["seconds"]["least"]
    rows = [[name, f"{x:.2f}", f"{x / least:.2f}"] for name, x in record["seconds"].items()]
    return (
        "<h2>Commands on 100 runs</h2><p>CPU seconds from the start of the process; the least is "
        "Python, pandas, SciPy and one BFGS fit from one start.</p>"
        + table(["command", "seconds", "times the least"], rows)
    )


def bootstrap_section(record: dict) -> str:
    """Table of the bootstrap comparison."""
    part = record["bootstrap"]
    rows = [
        [
            f"scaling_studies.bootstrap, {part['resamples']} resamples",
            f"{part['seconds']:.2f}",
            "1",
        ],
        ["the same on two threads (wall clock)", f"{part['seconds_two_threads']:.2f}", ""],
        [
            f"SciPy BFGS from one start each ({part['scipy_resamples_run']} run, scaled)",
            f"{part['scipy_seconds']:.1f}",
            f"{part['ratio']:.0f}",
        ],
    ]
    intervals = [
        [name] + [f"{side:.5f}" for side in (*pair["ours"], *pair["scipy"])]
        for name, pair in part["intervals"].items()
    ]
    return (
        "<h2>Bootstrap refits</h2>"
        + table(["contender", "seconds", "times ours"], rows)
        + f"<p>SciPy ends higher than ours by more than 1e-6 (relative) on "
        f"{part['scipy_ends_higher_by_1e-6']:.0%} of the same resamples, ours on "
        f"{part['ours_ends_higher_by_1e-6']:.0%}. Intervals (95 %) on them:</p>"
        + table(["parameter", "ours low", "high", "SciPy low", "high"], intervals)
    )


def growth_section(record: dict) -> str:
    """Figures of growth, memory and cold start."""
    rows, resamples = record["growth"]["rows"], record["growth"]["resamples"]
    sizes = [row["rows"] for row in rows]
    first = line_figure(
        [
            ("one fit, search included", sizes, [row["fit"] for row in rows]),
            ("one bootstrap refit", sizes, [row["refit"] for row in rows]),
        ],
        "rows",
        "seconds",
        "Time of a fit and of a bootstrap refit against the number of rows.",
    )
    second = line_figure(
        [
            (
                "bootstrap of 240 rows",
                [row["resamples"] for row in resamples],
                [row["seconds"] for row in resamples],
            )
        ],
        "resamples",
        "seconds",
        "Time of a bootstrap against the number of resamples.",
    )
    memory = record["memory"]
    return (
        f"<h2>Growth</h2>{first}{second}"
        f"<p>Peak memory of a process that fits and resamples {memory['rows']:,} rows: "
        f"{memory['bytes'] / 1e9:.2f} GB. Resamples are solved in blocks and leave only their "
        "parameters behind, 48 bytes each, so that their number does not matter.</p>"
        f"<h2>Cold start</h2><p>{record['cold_start']['seconds']:.2f} s for a new Python that "
        "imports everything, reads the table and fits it.</p>"
    )


def normalize_section(record: dict) -> str:
    """The table-normalisation benchmark, when it has been run."""
    return (
        f"<h2>Normalising {record['rows']:,} rows</h2><p>{record['ratio']:.2f} times as long as "
        "pyarrow alone needs for CSV to Parquet.</p>"
    )


def bench_page() -> str | None:
    """Page of the speed measurements."""
    record = read("engine")
    if record is None:
        return None
    machine = ", ".join(f"{key} {value}" for key, value in record["machine"].items())
    parts = [f"<p>{escape(machine)}</p>", fits_section(record), bootstrap_section(record)]
    parts.append(growth_section(record))
    normalize = read("normalize")
    if normalize:
        parts.append(normalize_section(normalize))
    commands = read("commands")
    if commands:
        parts.append(commands_section(commands))
    return page("Speed of the fit engine", parts)


def calibration_page() -> str | None:
    """Page of the coverage of intervals, from the record that `calibrate.py` writes."""
    path = ROOT / "config" / "coverage.csv"
    if not path.is_file():
        return None
    with path.open(encoding="utf-8") as file:
        record = list(csv.DictReader(file))
    rows = [
        [row["study"], row["fit"], row["quantity"], row["tables"], f"{float(row['held']):.1%}"]
        for row in record
    ]
    text = (
        "<p>Tables with the design, the noise and the groups of each fit, simulated and taken the "
        "way of the jobs: how often the 95 % interval held the truth. Less than 90 % fails.</p>"
    )
    head = ["study", "fit", "quantity", "tables", "held"]
    return page("Calibration of the intervals", [text, table(head, rows)])


def standard_error(row: dict) -> float:
    """Of a share of simulated tables."""
    return (row["coverage"] * (1.0 - row["coverage"]) / row["tables"]) ** 0.5


def compare_page() -> str | None:
    """Page of the coverage of compute multipliers."""
    record = read("compare")
    if record is None:
        return None
    rows = [
        [
            situation,
            f"{row['tables']:,}",
            f"{row['coverage']:.1%} ± {standard_error(row):.1%}",
            f"{row['median_ratio_of_ends']:.2f}",
            f"{row['median_error']:.1%}",
            f"{row['refused']:.1%}",
        ]
        for situation, row in record.items()
    ]
    text = (
        "<p>Pairs of recipes of one shape, simulated with 0.4 % noise. Shown is how often the 95 % "
        "interval of the compute multiplier holds the truth (± a standard error of "
        "that share), how wide it is, and how often two curves of equal shape were called "
        "different.</p>"
    )
    head = ["situation", "tables", "coverage", "upper end over lower", "median error", "refused"]
    return page("Compute multipliers: do their intervals hold?", [text, table(head, rows)])


SCENARIOS = {
    "1": "12 runs so far at three ratios",
    "2": "the same, heavy-tailed noise",
    "3": "6 runs so far, all at 20 tokens per parameter",
    "4": "the truth is another law than the one that is fitted",
    "5": "no run larger than three times the largest so far",
}


def design_page() -> str | None:
    """Page of what answers cost by design."""
    record = read("design")
    if record is None:
        return None
    parts = [
        "<p>Designs of new runs that cost ten times the runs so far (or half of that), judged by "
        "the 95 % interval at ten times that budget. Width and error are in the natural logarithm; "
        "best: share of truths where a design of the full cost has the narrowest interval.</p>"
    ]
    head = ["design", "median width", "median error", "coverage", "best", "width over the grid's"]
    head += ["compute", "runs"]
    for number, scenario in record.items():
        for target, words in (("size", "compute-optimal size"), ("loss", "lowest loss")):
            rows = [
                [
                    arm,
                    f"{row['median_width']:.3f}",
                    f"{row['median_error']:.3f}",
                    f"{row['coverage']:.0%}",
                    "" if row["best"] is None else f"{row['best']:.0%}",
                    f"{row['median_ratio_to_grid']:.2f}",
                    f"{row['flops']:.2f}",
                    f"{row['runs']:.0f}",
                ]
                for arm, row in scenario[target].items()
            ]
            title = f"{SCENARIOS[number]}: {words}, {scenario['truths']} truths"
            parts.append(f"<h2>{escape(title)}</h2>{table(head, rows)}")
    return page("What an answer costs: designs of runs", parts)


PAGES = {
    "design": design_page,
    "bench": bench_page,
    "calibration": calibration_page,
    "compare": compare_page,
}


def main() -> int:
    """Write the pages whose records exist."""
    (ROOT / "reports").mkdir(exist_ok=True)
    for name, make in PAGES.items():
        text = make()
        if text is None:
            print(f"{name}: no record in results/bench, page not written")
            continue
        path = ROOT / "reports" / f"{name}.html"
        path.write_text(text, encoding="utf-8")
        print(f"wrote reports/{name}.html")
    return 0


if __name__ == "__main__":
    sys.exit(main())
