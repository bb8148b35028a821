"""docs/llamaindex.md runs from top to bottom."""

import re
from pathlib import Path

import pytest

pytest.importorskip("llama_index.core")

PAGE = Path(__file__).parents[2] / "docs" / "llamaindex.md"
PYTHON_BLOCK = re.compile(r"^```python\n(.*?)^```$", re.MULTILINE | re.DOTALL)


def test_examples_of_the_page_run_in_their_order(capsys):
    names: dict[str, object] = {"__name__": "page"}
    for block in PYTHON_BLOCK.finditer(PAGE.read_text(encoding="utf-8")):
        line = block.string[: block.start(1)].count("\n")
        exec(compile("\n" * line + block.group(1), str(PAGE), "exec"), names)
    printed = capsys.readouterr().out
    assert "tagrouter(gpt-4o-mini,gpt-4o)" in printed
    assert "learned" in printed or "similarity" in printed
