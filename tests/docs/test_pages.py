"""The examples of README.md and of our own docs pages run as they stand, offline."""

import re
import sys
from pathlib import Path

import pytest

from tagrouter import TagRouter, load_profile
from tagrouter.cli.main import EXIT_USAGE, main
from tagrouter.registry import ESTIMATORS, IMPORTERS, POLICIES, TAG_GENERATORS
from tests.docs.pages import FRAMEWORKS, REPOSITORY, Block, read_blocks

PAGES = ("README.md", "docs/index.md", "docs/how-a-query-travels.md", "docs/add-your-own.md")
# Arguments of commands that need minutes, or data that is not in the repository, and of those that
# need what these write. They are run where their files are missing, which shows that they are
# right up to there.
DEAR = ("train", "alpaca_eval", "my_generator")
LINK = re.compile(r"\]\((?!https?:)([^)#]*)(?:#([^)]+))?\)")
SIGNED = re.compile(r"[+-]\d+\.\d{6}")


@pytest.fixture
def folder(tmp_path, monkeypatch):
    """Where a page's examples run: modules of the page are found, what it registers is removed."""
    monkeypatch.syspath_prepend(str(tmp_path))
    tables = (ESTIMATORS, IMPORTERS, POLICIES, TAG_GENERATORS)
    before = [dict(table) for table in tables]
    modules = set(sys.modules)
    yield tmp_path
    for table, entries in zip(tables, before, strict=True):
        table.clear()
        table.update(entries)
    for name in set(sys.modules) - modules:
        if Path(getattr(sys.modules[name], "__file__", None) or "/").is_relative_to(tmp_path):
            del sys.modules[name]


def run_block(block: Block, names: dict[str, object], folder: Path, capsys) -> None:
    if block.role == "file":
        path = folder / block.argument
        path.parent.mkdir(exist_ok=True)
        path.write_text(block.code, encoding="utf-8")
    elif block.language == "python":
        capsys.readouterr()
        block.run(names)
        printed = capsys.readouterr().out.splitlines()
        assert [line for line in printed if line in block.expected] == block.expected
    elif block.language == "shell":
        for command in block.commands:
            if not any(word in command for word in DEAR):
                assert main(command) == 0, capsys.readouterr().err


@pytest.mark.parametrize("page", PAGES)
def test_examples_of_a_page_run_from_top_to_bottom(page, folder, capsys):
    blocks = [block for block in read_blocks(page) if block.framework is None]
    names: dict[str, object] = {"__name__": "page"}
    assert any(block.language == "python" for block in blocks)
    for block in blocks:
        run_block(block, names, folder, capsys)


@pytest.mark.parametrize("framework", FRAMEWORKS)
def test_the_readmes_example_of_a_framework_runs_by_itself(framework, folder, capsys):
    pytest.importorskip(FRAMEWORKS[framework])
    (block,) = (b for b in read_blocks("README.md") if b.framework == framework)
    run_block(block, {"__name__": "page"}, folder, capsys)


@pytest.mark.parametrize("page", PAGES)
def test_commands_of_a_page_that_are_dear_are_spelled_rightly(page, folder, capsys):
    for block in read_blocks(page):
        for command in block.commands if block.language == "shell" else ():
            if any(word in command for word in DEAR):
                assert main(command) != EXIT_USAGE, capsys.readouterr().err


def test_the_receipt_on_the_page_adds_up():
    block = receipt()
    table, _, _ = block.code.partition("Runner-up")
    rows = [[float(number) for number in SIGNED.findall(line)] for line in table.splitlines()]
    *parts, score, theta, compared = [row for row in rows if len(row) == 2]
    assert len(parts) > 5
    for column in range(2):
        assert sum(row[column] for row in parts) == pytest.approx(score[column], abs=1e-9)
        assert score[column] + theta[column] == pytest.approx(compared[column], abs=1e-9)


def test_the_receipt_on_the_page_tells_of_the_shipped_profile():
    block = receipt()
    decision = TagRouter.from_profile("tiers").route(block.argument)
    renew = f"Renew {block.page}: paste tagrouter route --explain {block.argument!r}"
    assert block.code.startswith(f"{decision.model}: "), renew
    assert f"{-decision.theta:+.6f}" in block.code, renew
    assert f"{decision.intercepts['small']:+.6f}" in block.code, renew
    assert all(tag.name in block.code for tag in decision.query_tags[:2]), renew


def receipt() -> Block:
    (block,) = (b for b in read_blocks("docs/how-a-query-travels.md") if b.role == "receipt")
    return block


@pytest.mark.parametrize("page", PAGES)
def test_links_between_pages_lead_somewhere(page):
    for target, section in LINK.findall((REPOSITORY / page).read_text(encoding="utf-8")):
        path = (REPOSITORY / page).parent / target if target else REPOSITORY / page
        assert path.is_file(), f"{page} links to {target}, which is not there"
        if section:
            titles = re.findall(r"^#+ (.+)$", path.read_text(encoding="utf-8"), re.MULTILINE)
            anchors = {re.sub(r"[^\w\- ]", "", title.lower()).replace(" ", "-") for title in titles}
            assert section in anchors, f"{page} links to {target}#{section}"


def test_the_share_of_wins_and_ties_in_the_readme_is_that_of_the_profile():
    counts = load_profile("tiers").evidence.models["small"].overall.rounded
    share = (counts.wins + counts.ties) / counts.total
    words = (REPOSITORY / "README.md").read_text(encoding="utf-8").split()
    assert f"on {share:.0%} of 805 queries" in " ".join(words)
