"""Simulate the schedule of a large run on a cluster from the measured times of its jobs.

    python bench/schedule.py --benchmarks benchmarks --studies 1000 --resamples 100000 --cores 1000

Times of jobs are drawn, with a fixed seed, from the CPU times that an ordinary run wrote to
``benchmarks/``; the time of a resampling is a fixed part plus a part for each resample. The rest of
the model is what Snakemake and Slurm add: each Slurm job starts Snakemake twice, each start reads
all cards; Slurm jobs are submitted one after the other, and a finished one is noticed at the next
look. `docs/cluster.md` shows what comes out.
"""

from __future__ import annotations

import argparse
import csv
import heapq
import random
from collections import defaultdict
from dataclasses import dataclass, field
from itertools import count
from pathlib import Path

#: CPU seconds of one start of Snakemake without cards, and for each card that it reads.
START, CARD = 1.5, 0.0156
#: Slurm jobs submitted a second; seconds between two looks at them.
SUBMISSIONS, LOOK = 10.0, 40.0
#: CPU seconds of a job that does nothing but import what it needs.
EMPTY_JOB = 0.5
#: Cores of a group, and shards in a group, as in profiles/slurm.
SLOTS, COMPONENTS = 4, 8
#: Resamples that the measured run drew.
MEASURED_RESAMPLES = 4000
#: Stages of a study that are Slurm jobs of their own, between its fits and its verdicts.
BESIDE = ("vary_choices", "roll_out")
#: Files of a job besides its outputs: log, benchmark, Snakemake's record.
FILES_A_JOB = 3


@dataclass
class Times:
    """Measured CPU seconds."""

    rules: dict[str, list[float]]
    studies: list[tuple[float, list[float]]]  # a study: its fits, seconds a resample of each

    @classmethod
    def read(cls, folder: Path) -> Times:
        """Read the benchmark files of a run."""
        rules, fits, draws = defaultdict(list), {}, defaultdict(list)
        for path in sorted(folder.rglob("*.tsv")):
            rule, *rest = path.relative_to(folder).with_suffix("").parts
            with path.open(encoding="utf-8", newline="") as file:
                row = next(csv.DictReader(file, delimiter="\t"))
            try:
                seconds = float(row["cpu_time"])
            except ValueError:  # too short to be measured
                continue
            rules[rule].append(seconds)
            if rule == "fit_laws":
                fits[rest[0]] = seconds
            elif rule == "resample_fit":
                draws[rest[0]].append(max(seconds - EMPTY_JOB, 0.0) / MEASURED_RESAMPLES)
        both = sorted(fits.keys() & draws.keys())
        return cls(dict(rules), [(fits[study], sorted(draws[study])) for study in both])


@dataclass
class Unit:
    """One Slurm job."""

    cores: int
    seconds: float  # wall-clock, without starting
    work: float  # core-seconds of computing
    needs: int = 0
    then: list[Unit] = field(default_factory=list)

    def before(self, *others: Unit) -> None:
        """Let other units wait for this one."""
        for other in others:
            self.then.append(other)
            other.needs += 1


def packed(seconds: list[float], cores: int) -> float:
    """Time that jobs take on some cores, longest first."""
    ends = [0.0] * cores
    for each in sorted(seconds, reverse=True):
        heapq.heapreplace(ends, ends[0] + each)
    return max(ends)


def group(*levels: list[float]) -> Unit:
    """Jobs that are one Slurm job: levels wait for each other."""
    levels = tuple(level for level in levels if level)
    cores = min(SLOTS, max(len(level) for level in levels))
    return Unit(cores, sum(packed(level, cores) for level in levels), sum(map(sum, levels)))


def study_units(times: Times, chance: random.Random, plan: Plan, resamples: int) -> list[Unit]:
    """Slurm jobs of one study, drawn from the measured ones."""
    fitting, draws = chance.choice(times.studies)
    one = {
        rule: chance.choice(times.rules[rule])
        for rule in ("normalize_runs", "judge_targets", "plot_figures")
    }
    asked = [chance.choice(times.rules[rule]) for rule in BESIDE if rule in times.rules]
    beside = [Unit(1, seconds, seconds) for seconds in asked]
    drawing = [EMPTY_JOB + each * resamples for each in draws]
    last = [one["judge_targets"], one["plot_figures"]]
    if not plan.groups:
        normalize, judge, plot = (
            Unit(1, one[rule], one[rule])
            for rule in ("normalize_runs", "judge_targets", "plot_figures")
        )
        fit = Unit(1, fitting, fitting)
        draw_units = [Unit(1, each, each) for each in drawing]
        normalize.before(fit)
        for draw in draw_units:
            fit.before(draw)
            draw.before(judge, plot)
        for unit in beside:
            fit.before(unit)
            unit.before(judge)
        return [normalize, fit, *draw_units, *beside, judge, plot]
    prepare = group([one["normalize_runs"]], [fitting])
    if plan.shards == 1:
        conclude = group(drawing, last)
        prepare.before(conclude, *beside)
        for unit in beside:
            unit.before(conclude)
        return [prepare, *beside, conclude]
    # A shard holds at least one block of resamples; fits that take no time are not divided.
    parts = [
        EMPTY_JOB + each * resamples / plan.shards
        for each in draws
        if each > 0
        for _ in range(plan.shards)
    ]
    shards = [group(parts[at : at + COMPONENTS]) for at in range(0, len(parts), COMPONENTS)]
    conclude = group([2 * EMPTY_JOB] * len(draws), last)
    if not shards:
        prepare.before(conclude)
    prepare.before(*shards, *beside)
    for unit in (*shards, *beside):
        unit.before(conclude)
    return [prepare, *shards, *beside, conclude]


@dataclass
class Plan:
    """A way to run the workflow."""

    name: str
    groups: bool
    shards: int
    batch: int  # studies that one start of the workflow knows of
    figures: int = 2


@dataclass
class Schedule:
    """What a simulation found."""

    makespan: float = 0.0
    computing: float = 0.0  # core-seconds
    starting: float = 0.0  # core-seconds
    slurm_jobs: int = 0
    last_start: float = 0.0


def simulate(units: list[Unit], cores: int, start: float) -> Schedule:
    """List scheduling of units on cores, first come first served.

    Parameters
    ----------
    units
        Slurm jobs with their dependencies.
    cores
        Cores of the cluster.
    start
        Seconds that a Slurm job takes before it computes.
    """
    found, order, now = Schedule(slurm_jobs=len(units)), count(), 0.0
    ready = [unit for unit in units if not unit.needs]
    submitted = 0.0
    events: list[tuple[float, int, str, Unit]] = []  # (time, order, what, unit)
    queue: list[Unit] = []

    def submit(unit: Unit, at: float) -> None:
        nonlocal submitted
        submitted = max(submitted, at) + 1.0 / SUBMISSIONS
        heapq.heappush(events, (submitted, next(order), "queued", unit))

    for unit in ready:
        submit(unit, 0.0)
    waiting_from = 0
    while events:
        now, _, what, unit = heapq.heappop(events)
        if what == "queued":
            queue.append(unit)
        elif what == "ended":
            cores += unit.cores
            look = (now // LOOK + 1.0) * LOOK
            heapq.heappush(events, (look, next(order), "noticed", unit))
        else:
            for other in unit.then:
                other.needs -= 1
                if not other.needs:
                    submit(other, now)
        while waiting_from < len(queue) and queue[waiting_from].cores <= cores:
            first = queue[waiting_from]
            waiting_from += 1
            cores -= first.cores
            heapq.heappush(events, (now + start + first.seconds, next(order), "ended", first))
            found.computing += first.work
            found.starting += start * first.cores
            found.last_start = now
    found.makespan = now
    return found


def run(times: Times, plan: Plan, studies: int, resamples: int, cores: int) -> list[str]:
    """One row of the table."""
    chance = random.Random(0)
    start = 2 * (START + CARD * min(plan.batch, studies))
    units = [unit for _ in range(studies) for unit in study_units(times, chance, plan, resamples)]
    found = simulate(units, cores, start)
    used = (found.computing + found.starting) / (cores * found.makespan)
    return [
        plan.name,
        f"{found.slurm_jobs:,}",
        f"{found.makespan / 3600:.2f}",
        f"{found.computing / 3600:,.0f}",
        f"{found.starting / 3600:,.0f}",
        f"{found.computing / (cores * found.makespan):.0%}",
        f"{used:.0%}",
    ]


def files(times: Times, studies: int, shards: int, figures: int) -> tuple[int, int]:
    """Files that stay, and files that come and go, for the whole run."""
    fits = sum(len(draws) for _, draws in times.studies) / len(times.studies)
    drawn = sum(each > 0 for _, draws in times.studies for each in draws) / len(times.studies)
    jobs = 3 + fits + 2
    outputs = 2 * (1 + 4 * fits + 1) + 5 * figures + 2
    temporary = drawn * shards * (2 + FILES_A_JOB) if shards > 1 else 0
    return round(studies * (outputs + FILES_A_JOB * jobs)), round(studies * temporary)


def main() -> None:
    """Print the table."""
    parser = argparse.ArgumentParser(description=__doc__.splitlines()[0])
    parser.add_argument("--benchmarks", type=Path, default=Path("benchmarks"))
    parser.add_argument("--studies", type=int, default=1000)
    parser.add_argument("--resamples", type=int, default=100_000)
    parser.add_argument("--cores", type=int, default=1000)
    options = parser.parse_args()
    times = Times.read(options.benchmarks)
    if not times.studies:
        parser.error(f"{options.benchmarks} holds no benchmark of a fit with its resamples")
    numbers = [len(draws) for _, draws in times.studies]
    rates = sorted(each for _, draws in times.studies for each in draws)
    print(
        f"Measured: {len(times.studies)} studies, {sum(numbers)} resampled fits; CPU ms each: "
        f"median {1e3 * rates[len(rates) // 2]:.2f}, largest {1e3 * rates[-1]:.2f}."
    )
    plans = [
        Plan("each job alone", False, 1, options.studies),
        Plan("groups", True, 1, options.studies),
        Plan("groups, 8 shards", True, 8, options.studies),
        Plan("groups, 50 studies a batch", True, 1, 50),
        *(Plan(f"groups, {n} shards, 50 studies a batch", True, n, 50) for n in (2, 8, 32)),
    ]
    heading = [
        "plan",
        "Slurm jobs",
        "hours",
        "core-hours computing",
        "core-hours starting",
        "cores computing",
        "cores taken",
    ]
    print("| " + " | ".join(heading) + " |")
    print("|---|" + "---:|" * (len(heading) - 1))
    for plan in plans:
        row = run(times, plan, options.studies, options.resamples, options.cores)
        print("| " + " | ".join(row) + " |")
    larger = options.studies * options.resamples / (len(times.studies) * MEASURED_RESAMPLES)
    for rule in ("compare_allocation", "compare_held_out"):
        for each in times.rules.get(rule, []):
            hours = (each - EMPTY_JOB) * larger / 3600
            print(f"{rule}: one job of {hours:.1f} hours after all others.")
    for shards in (1, 2, 8, 32):
        stay, pass_by = files(times, options.studies, shards, 2)
        print(f"{shards} shards: {stay:,} files stay, {pass_by:,} come and go.")


if __name__ == "__main__":
    main()
