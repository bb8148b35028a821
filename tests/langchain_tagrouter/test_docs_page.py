"""docs/langchain.md runs from top to bottom."""

import re
from pathlib import Path

import pytest

pytest.importorskip("langchain_core")

PAGE = Path(__file__).parents[2] / "docs" / "langchain.md"
PYTHON_BLOCK = re.compile(r"^```python\n(.*?)^```$", re.MULTILINE | re.DOTALL)


def test_examples_of_the_page_run_in_their_order(capsys):
    names: dict[str, object] = {"__name__": "page"}
    for block in PYTHON_BLOCK.finditer(PAGE.read_text(encoding="utf-8")):
        line = block.string[: block.start(1)].count("\n")
        exec(compile("\n" * line + block.group(1), str(PAGE), "exec"), names)
    printed = capsys.readouterr().out
    assert "the small model answers" in printed
    assert "the large model answers" in printed
    assert "'reason': 'explicit'" in printed
