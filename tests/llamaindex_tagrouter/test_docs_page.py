"""docs/llamaindex.md runs from top to bottom."""

import pytest

from tests.docs.pages import read_blocks

pytest.importorskip("llama_index.core")


def test_examples_of_the_page_run_in_their_order(capsys):
    names: dict[str, object] = {"__name__": "page"}
    for block in read_blocks("docs/llamaindex.md"):
        if block.language == "python":
            block.run(names)
    printed = capsys.readouterr().out
    assert "tagrouter(gpt-4o-mini,gpt-4o)" in printed
    assert "learned" in printed or "similarity" in printed
