"""docs/langchain.md runs from top to bottom."""

import pytest

from tests.docs.pages import read_blocks

pytest.importorskip("langchain_core")


def test_examples_of_the_page_run_in_their_order(capsys):
    names: dict[str, object] = {"__name__": "page"}
    for block in read_blocks("docs/langchain.md"):
        if block.language == "python":
            block.run(names)
    printed = capsys.readouterr().out
    assert "the small model answers" in printed
    assert "the large model answers" in printed
    assert "'reason': 'explicit'" in printed
