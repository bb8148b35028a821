"""Holds a test run to tests/allowances.toml; run as a script, it prints the list.

A skip or xfail that the list does not allow fails the run, and the list's warning filters are
the only ones there are.
"""

import re
import tomllib
from collections import Counter
from collections.abc import Iterator
from dataclasses import dataclass, field
from fnmatch import fnmatchcase
from pathlib import Path
from typing import Any
from warnings import WarningMessage

import pytest

LIST = Path(__file__).with_suffix(".toml")
KEYS = {
    "skip": {"tests", "says", "reason", "plain"},
    "xfail": {"tests", "says", "reason", "plain"},
    "warning": {"tests", "filter", "reason"},
}


@dataclass(frozen=True)
class Allowance:
    """One entry of the list: what is allowed, where, and why."""

    kind: str
    reason: str
    tests: str = "*"
    says: str = ""
    plain: bool = False
    filter: str = ""

    def __str__(self) -> str:
        where = f"{self.tests} saying {self.says or self.filter!r}"
        only = " (only without the optional packages)" if self.plain else ""
        return f"{self.kind}: {where}{only}: {self.reason}"

    def allows(self, kind: str, test: str, message: str) -> bool:
        return self.kind == kind and fnmatchcase(test, self.tests) and self.says in message

    def allows_warning(self, test: str, warning: WarningMessage) -> bool:
        if self.kind != "warning" or not fnmatchcase(test, self.tests):
            return False
        message, category = f"{self.filter}:".split(":")[:2]
        starts_so = re.match(message, str(warning.message), re.IGNORECASE) is not None
        return starts_so and category in ("", *(each.__name__ for each in warning.category.mro()))


def read_allowances(path: Path = LIST) -> list[Allowance]:
    listed = tomllib.loads(path.read_text(encoding="utf-8"))
    allowances = []
    for kind, entries in listed.items():
        for entry in entries:
            if not entry.get("reason") or not entry.keys() <= KEYS[kind]:
                raise ValueError(f"{path}: {entry} needs a reason and may have {KEYS[kind]}.")
            allowances.append(Allowance(kind, **entry))
    return allowances


@dataclass(eq=False)
class AllowanceKeeper:
    """Pytest plugin: counts what is used of the list, and fails the run for anything else."""

    allowances: list[Allowance]
    used: Counter[Allowance] = field(default_factory=Counter)
    refused: list[str] = field(default_factory=list)

    def pytest_runtest_logreport(self, report: pytest.TestReport) -> None:
        self._check(report)

    def pytest_collectreport(self, report: pytest.CollectReport) -> None:
        self._check(report)

    def _check(self, report: pytest.TestReport | pytest.CollectReport) -> None:
        if hasattr(report, "wasxfail"):
            kind, message = "xfail", report.wasxfail
        elif report.skipped:
            kind, message = "skip", _message_of(report.longrepr)
        else:
            return
        for allowance in self.allowances:
            if allowance.allows(kind, report.nodeid, message):
                self.used[allowance] += 1
                return
        self.refused.append(f"{kind}: {report.nodeid}: {message}")

    def pytest_collection_modifyitems(self, items: list[pytest.Item]) -> None:
        for item in items:
            for mark in item.iter_markers("filterwarnings"):
                self.refused.append(f"warning: {item.nodeid}: {mark.args[0]} stands in the test")
            for allowance in self.allowances:
                if allowance.kind == "warning" and fnmatchcase(item.nodeid, allowance.tests):
                    item.add_marker(pytest.mark.filterwarnings(f"default:{allowance.filter}"))

    def pytest_warning_recorded(self, warning_message: WarningMessage, nodeid: str) -> None:
        # Warnings that the list does not allow are errors and are never recorded.
        for allowance in self.allowances:
            if allowance.allows_warning(nodeid, warning_message):
                self.used[allowance] += 1
                return

    def pytest_sessionfinish(self, session: pytest.Session) -> None:
        harmless = (pytest.ExitCode.OK, pytest.ExitCode.NO_TESTS_COLLECTED)
        if self.refused and session.exitstatus in harmless:
            session.exitstatus = pytest.ExitCode.TESTS_FAILED

    def pytest_terminal_summary(self, terminalreporter: pytest.TerminalReporter) -> None:
        if self.used:
            terminalreporter.section(f"allowances used, of {LIST.name}")
        for allowance, times in self.used.items():
            terminalreporter.write_line(f"{times} x {allowance}")
        if self.refused:
            terminalreporter.section(f"not allowed by {LIST.name}", red=True)
        for refused in self.refused:
            terminalreporter.write_line(refused, red=True)


def pytest_addoption(parser: pytest.Parser) -> None:
    parser.addoption(
        "--complete",
        action="store_true",
        help="All optional packages are here: a skip for want of one fails the run.",
    )


def pytest_configure(config: pytest.Config) -> None:
    complete = config.getoption("--complete")
    allowances = [a for a in read_allowances() if not (complete and a.plain)]
    config.pluginmanager.register(AllowanceKeeper(allowances))


def _message_of(longrepr: Any) -> str:
    return str(longrepr[2] if isinstance(longrepr, tuple) else longrepr)


def _lines() -> Iterator[str]:
    yield f"Allowed by tests/{LIST.name}:"
    yield from (f"- {allowance}" for allowance in read_allowances())


if __name__ == "__main__":
    print("\n".join(_lines()))
