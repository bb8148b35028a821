"""Measures the budgets and prints each beside what is allowed: `make bench`.

Times are of this machine while nothing else runs on it; that is why no test checks them.
Exit code 1 if a budget is overrun.
"""

import json
import os
import platform
import statistics
import subprocess
import sys
import tempfile
import time
from collections.abc import Callable
from dataclasses import dataclass
from pathlib import Path

from rich.console import Console
from rich.table import Table

from tagrouter import TagRouter
from tagrouter.records import QueryTag, QueryTags
from tagrouter.tags.base import TagGenerator

REPOSITORY = Path(__file__).parents[2]
FORBIDDEN = ("torch", "transformers", "sklearn", "langchain_core", "langchain", "llama_index")
TWENTY_WORDS = (
    "Write a short Python function that reads a large CSV file line by line and returns "
    "the sum of one column"
)
FRESH_RUNS = 7
CALLS = 2000
TAGGED_QUERIES = 300
MEBIBYTE = 1024 * 1024

IMPORT = """
import time; started = time.perf_counter()
import tagrouter
took = time.perf_counter() - started
import json, sys
print(json.dumps([took, [name for name in {forbidden!r} if name in sys.modules]]))
"""
FIRST_DECISION = """
import time; started = time.perf_counter()
from tagrouter import TagRouter
TagRouter.from_profile().route({query!r})
import json
print(json.dumps(time.perf_counter() - started))
"""
PEAK_MEMORY = """
import resource, subprocess, sys
subprocess.run([sys.executable, "-m", "tagrouter.cli.main", "route", {query!r}],
               check=True, stdout=subprocess.DEVNULL)
print(resource.getrusage(resource.RUSAGE_CHILDREN).ru_maxrss)
"""


@dataclass(frozen=True)
class Measurement:
    """One number beside its budget, both in `unit`; without a budget it is for information."""

    what: str
    value: float
    unit: str
    budget: float | None = None

    @property
    def is_over(self) -> bool:
        return self.budget is not None and self.value > self.budget


class ReadyTags(TagGenerator):
    """Gives the same tags for every query: what remains is the router's own work."""

    name = "ready"
    version = "1"

    def __init__(self, tags: QueryTags) -> None:
        self.tags = tags

    def _generate(self, queries: list[str]) -> list[QueryTags]:
        return [self.tags for _ in queries]


def surroundings() -> dict[str, str]:
    """This process's, but with compiled modules kept: those of an installed package are, too."""
    kept = {k: v for k, v in os.environ.items() if k != "PYTHONDONTWRITEBYTECODE"}
    return {**kept, "PYTHONPATH": os.pathsep.join([str(REPOSITORY / "shared"), str(REPOSITORY)])}


def in_new_process(code: str, **values: object) -> str:
    done = subprocess.run(
        [sys.executable, "-c", code.format(**values)],
        env=surroundings(),
        check=True,
        capture_output=True,
        text=True,
    )
    return done.stdout.splitlines()[-1]


def import_time() -> list[Measurement]:
    in_new_process(IMPORT, forbidden=FORBIDDEN)  # compiles
    runs = [json.loads(in_new_process(IMPORT, forbidden=FORBIDDEN)) for _ in range(FRESH_RUNS)]
    seconds = statistics.median(took for took, _ in runs)
    return [
        Measurement("import tagrouter, median", seconds, "s", 0.2),
        Measurement("heavy modules it loads", len(runs[0][1]), "", 0),
    ]


def first_decision() -> Measurement:
    runs = [
        json.loads(in_new_process(FIRST_DECISION, query=TWENTY_WORDS)) for _ in range(FRESH_RUNS)
    ]
    return Measurement("first decision, load included", statistics.median(runs), "s", 1.0)


def percentiles(call: Callable[[], object], times: int) -> tuple[float, float]:
    """Seconds per call: the median, and what 95 of 100 calls stay below."""
    took = []
    for _ in range(times):
        started = time.perf_counter()
        call()
        took.append(time.perf_counter() - started)
    cuts = statistics.quantiles(took, n=20)
    return statistics.median(took), cuts[-1]


def overhead(router: TagRouter) -> list[Measurement]:
    found = router.generator.generate([TWENTY_WORDS])[0]
    tags = found if found.tags else QueryTags((QueryTag("coding"),), (QueryTag("coding"),))
    bare = TagRouter(ReadyTags(tags), router.scorer, router.decider, router.profile)
    p50, p95 = percentiles(lambda: bare.route(TWENTY_WORDS), CALLS)
    return [
        Measurement(f"route besides tagging, {len(tags.tags)} tags, p50", 1e6 * p50, "us", 50),
        Measurement(f"route besides tagging, {len(tags.tags)} tags, p95", 1e6 * p95, "us"),
    ]


def tagging(router: TagRouter) -> list[Measurement]:
    words = TWENTY_WORDS.split()
    # Another order each time: a cache would not be the generator's speed.
    queries = iter(
        " ".join(words[n % 20 :] + words[: n % 20]) + "!" * (n // 20) for n in range(TAGGED_QUERIES)
    )
    p50, p95 = percentiles(lambda: router.generator.generate([next(queries)]), TAGGED_QUERIES)
    return [
        Measurement("tagging a 20-word query, p50", 1e3 * p50, "ms", 10),
        Measurement("tagging a 20-word query, p95", 1e3 * p95, "ms"),
    ]


def peak_memory() -> Measurement:
    # Of a grandchild: the largest child so far is what the system counts.
    kibibytes = int(in_new_process(PEAK_MEMORY, query=TWENTY_WORDS))
    return Measurement("peak memory of `tagrouter route`", kibibytes / 1024, "MiB", 250)


def wheel_size() -> Measurement:
    with tempfile.TemporaryDirectory() as folder:
        build = [sys.executable, "-m", "hatchling", "build", "-t", "wheel", "-d", folder]
        subprocess.run(build, cwd=REPOSITORY, check=True, capture_output=True)
        (wheel,) = Path(folder).glob("*.whl")
        return Measurement("wheel", wheel.stat().st_size / MEBIBYTE, "MiB", 35)


def show(measurements: list[Measurement]) -> None:
    table = Table(
        title=f"Budgets on {platform.machine()}, {os.cpu_count()} cores, Python "
        f"{platform.python_version()}"
    )
    for heading in ("what", "measured", "budget", ""):
        table.add_column(heading, justify="left" if heading == "what" else "right")
    for each in measurements:
        budget = "" if each.budget is None else f"{each.budget:g} {each.unit}"
        state = "" if each.budget is None else "over" if each.is_over else "kept"
        table.add_row(each.what, f"{each.value:.3g} {each.unit}", budget, state)
    Console(width=100).print(table)


def main() -> int:
    router = TagRouter.from_profile()
    router.route(TWENTY_WORDS)
    measurements = [
        *import_time(),
        first_decision(),
        *overhead(router),
        *tagging(router),
        peak_memory(),
        wheel_size(),
    ]
    show(measurements)
    if os.getloadavg()[0] > 1:
        Console().print(f"Load average {os.getloadavg()[0]:.1f}: the times are not to be trusted.")
    return int(any(measurement.is_over for measurement in measurements))


if __name__ == "__main__":
    sys.exit(main())
