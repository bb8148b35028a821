"""Imports point one way, and every module is imported under one name."""

import ast
from collections.abc import Callable, Iterable, Iterator
from pathlib import Path

REPOSITORY = Path(__file__).parents[2]
CORE = REPOSITORY / "shared" / "tagrouter"
ADAPTERS = ("langchain_tagrouter", "llamaindex_tagrouter")
FRAMEWORKS = ("langchain", "langchain_core", "langgraph", "llama_index")
STEPS = ("tags", "scores", "decision")
ON_TOP = ("cli", "evaluation")


def python_files(*folders: Path) -> list[Path]:
    return sorted(path for folder in folders for path in folder.rglob("*.py"))


def room_of(path: Path) -> str:
    """First name below the core: a folder, or a module by itself."""
    return path.relative_to(CORE).parts[0].removesuffix(".py")


def in_rooms(*rooms: str) -> list[Path]:
    return [path for path in python_files(CORE) if room_of(path) in rooms]


def names_imported(path: Path) -> Iterator[str]:
    """Full names that a file imports, those inside functions too."""
    for node in ast.walk(ast.parse(path.read_text(encoding="utf-8"))):
        if isinstance(node, ast.Import):
            yield from (alias.name for alias in node.names)
        elif isinstance(node, ast.ImportFrom):
            module = "." * node.level + (node.module or "")
            yield from (f"{module}.{alias.name}" for alias in node.names)


def imports(paths: Iterable[Path], unwanted: Callable[[str], bool]) -> list[str]:
    return [
        f"{path.relative_to(REPOSITORY)} imports {name}"
        for path in paths
        for name in names_imported(path)
        if unwanted(name)
    ]


def is_of(*packages: str) -> Callable[[str], bool]:
    return lambda name: any(f"{name}.".startswith(f"{package}.") for package in packages)


def test_core_imports_no_framework_and_no_adapter():
    assert imports(python_files(CORE), is_of(*FRAMEWORKS, *ADAPTERS)) == []


def test_no_step_imports_another_step():
    for step in STEPS:
        others = [f"tagrouter.{other}" for other in STEPS if other != step]
        assert imports(in_rooms(step), is_of(*others)) == []


def test_no_step_imports_the_router():
    assert imports(in_rooms(*STEPS), is_of("tagrouter.router", "tagrouter.TagRouter")) == []


def test_nothing_below_imports_command_line_or_evaluation():
    below = [path for path in python_files(CORE) if room_of(path) not in ON_TOP]
    assert imports(below, is_of(*(f"tagrouter.{room}" for room in ON_TOP))) == []


def test_records_and_errors_stand_on_nothing():
    bottom = [CORE / "records.py", CORE / "errors.py"]
    assert set(imports(bottom, is_of("tagrouter"))) <= {
        "shared/tagrouter/records.py imports tagrouter.errors.InvalidInputError"
    }


def test_adapters_do_not_know_each_other():
    for adapter, other in (ADAPTERS, ADAPTERS[::-1]):
        assert imports(python_files(REPOSITORY / adapter), is_of(other)) == []


def test_imports_are_absolute():
    folders = [CORE, *(REPOSITORY / adapter for adapter in ADAPTERS)]
    assert imports(python_files(*folders), lambda name: name.startswith(".")) == []


def test_nobody_imports_the_core_under_a_second_name():
    folders = [REPOSITORY / name for name in ("shared", "tests", *ADAPTERS)]
    assert imports(python_files(*folders), is_of("shared")) == []
