"""Results out: text or JSON lines, to standard output or a file; progress and tables."""

import json
import sys
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import TYPE_CHECKING, Any

from tagrouter.files import replaced_whole

if TYPE_CHECKING:
    from rich.console import Console
    from rich.progress import Progress

_WIDTH_OF_PIPES = 130


def write_lines(lines: list[str], output: str | None) -> None:
    """Write lines to standard output, or to a file that appears whole or not at all.

    Args:
        lines: Without line breaks.
        output: The file; None or "-" for standard output.
    """
    text = "".join(f"{line}\n" for line in lines)
    if output is None or output == "-":
        # Terminals and pipes of other encodings must not end a run of a thousand queries.
        encoding = sys.stdout.encoding or "utf-8"
        sys.stdout.write(text.encode(encoding, "backslashreplace").decode(encoding))
        return
    with replaced_whole(Path(output)) as stream:
        stream.write(text.encode("utf-8", "backslashreplace"))


def json_line(row: dict[str, Any]) -> str:
    """Write one JSON object, characters as they are."""
    text = json.dumps(row, ensure_ascii=False, allow_nan=False)
    return text.encode("utf-8", "backslashreplace").decode("utf-8")


def console() -> "Console":
    """Make a console for standard output; pipes get a fixed width and no colors."""
    from rich.console import Console

    return Console(width=None if sys.stdout.isatty() else _WIDTH_OF_PIPES, highlight=False)


@contextmanager
def progress(title: str) -> Iterator["ProgressReport"]:
    """Show a bar on stderr while a block runs; silent when stderr is not a terminal.

    Args:
        title: What is going on.

    Yields:
        A function of (done, total).
    """
    if not sys.stderr.isatty():
        yield ProgressReport(None, title)
        return
    from rich.console import Console
    from rich.progress import (
        BarColumn,
        MofNCompleteColumn,
        Progress,
        TextColumn,
        TimeRemainingColumn,
    )

    columns = (TextColumn(title), BarColumn(), MofNCompleteColumn(), TimeRemainingColumn())
    with Progress(*columns, console=Console(stderr=True), transient=True) as bar:
        yield ProgressReport(bar, title)


class ProgressReport:
    """Moves a bar, or does nothing.

    Args:
        bar: The bar, if there is one.
        title: What is going on.
    """

    def __init__(self, bar: "Progress | None", title: str) -> None:
        self._bar = bar
        self._task = bar.add_task(title, total=None) if bar is not None else None

    def __call__(self, done: int, total: int) -> None:
        """Show that `done` of `total` is done."""
        if self._bar is not None and self._task is not None:
            self._bar.update(self._task, completed=done, total=total)

    def say(self, line: str) -> None:
        """Print a line above the bar, or alone where there is no bar."""
        if self._bar is not None:
            self._bar.console.print(line, highlight=False)
        else:
            sys.stderr.write(f"{line}\n")
