"""Entry point of ``tagrouter``: finds the command, turns errors into one line on stderr."""

import argparse
import sys
from collections.abc import Sequence
from importlib import import_module
from typing import Final, NoReturn

from tagrouter.cli.queries import UsageError
from tagrouter.errors import TagRouterError
from tagrouter.version import __version__

# Name -> (module, what it does). Modules are imported when their command is asked for.
COMMANDS: Final = {
    "route": ("route", "send queries to models"),
    "tag": ("tag", "show the tags of queries"),
    "demo": ("demo", "route a dozen real-life queries and explain one"),
    "import": ("importing", "turn foreign judgment data into comparisons"),
    "fit": ("fit", "fit a profile on comparisons"),
    "evaluate": ("evaluate", "measure a profile on comparisons"),
    "profile": ("profile", "show, check, merge or compare profiles"),
    "train": ("train", "train an embedded tag generator on a corpus"),
    "vocabulary": ("vocabulary", "merge the tags of a corpus into canonical ones"),
}

EXIT_OK: Final = 0
EXIT_ERROR: Final = 1
EXIT_USAGE: Final = 2


def main(argv: Sequence[str] | None = None) -> int:
    """Run the command line.

    Args:
        argv: Arguments without the program's name; the process's own by default.

    Returns:
        0 if all went well, 1 after an error (one line on stderr), 2 after wrong usage.
    """
    arguments = list(sys.argv[1:] if argv is None else argv)
    parser = _parser(arguments)
    try:
        args = parser.parse_args(arguments)
        code: int = args.run(args)
        sys.stdout.flush()
    except TagRouterError as error:
        print(f"tagrouter: {_one_line(error)}", file=sys.stderr)  # noqa: T201 - the error line
        return EXIT_USAGE if isinstance(error, UsageError) else EXIT_ERROR
    except KeyboardInterrupt as stop:
        # A command that had written something by then says what.
        left = " ".join(map(str, stop.args)) or "nothing was written"
        print(f"tagrouter: interrupted; {left}", file=sys.stderr)  # noqa: T201 - the error line
        return EXIT_ERROR
    except BrokenPipeError:
        # The reader, such as `head`, has seen enough. Closing avoids a second error at exit.
        sys.stderr.close()
        return EXIT_OK
    except _Usage as usage:
        return usage.code
    return code


def run() -> NoReturn:
    """Run the command line and end the process."""
    sys.exit(main())


class _Usage(Exception):
    """Argparse wants the process to end: after --help (0) or wrong usage (2)."""

    def __init__(self, code: int) -> None:
        super().__init__(code)
        self.code = code


class _Parser(argparse.ArgumentParser):
    def exit(self, status: int = 0, message: str | None = None) -> NoReturn:
        if message:
            sys.stderr.write(message)
        raise _Usage(status)


def _parser(arguments: Sequence[str]) -> argparse.ArgumentParser:
    parser = _Parser(
        prog="tagrouter",
        description="Send each query to the language model that suits it best, "
        "before any model is called.",
    )
    parser.add_argument("--version", action="version", version=f"tagrouter {__version__}")
    subparsers = parser.add_subparsers(metavar="COMMAND", required=True)
    # Only the module of the command at hand is imported, so that each starts quickly.
    asked = next((word for word in arguments if word in COMMANDS), None)
    for name, (module, summary) in COMMANDS.items():
        command = subparsers.add_parser(
            name, help=summary, description=f"{summary[0].upper()}{summary[1:]}."
        )
        if name == asked:
            commands = import_module(f"tagrouter.cli.{module}")
            commands.add_arguments(command)
            command.set_defaults(run=commands.run)
    return parser


def _one_line(error: TagRouterError) -> str:
    return " ".join(str(error).split())


if __name__ == "__main__":
    run()
