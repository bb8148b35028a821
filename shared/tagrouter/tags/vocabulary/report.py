"""A report for reading: every merge, the doubtful ones first."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from typing import Final

from tagrouter.tags.vocabulary.record import Alias, CanonicalTag, Vocabulary
from tagrouter.tags.vocabulary.rules import MergeRule

_HEAD: Final = (
    "| merged tag | uses | canonical tag | uses | rule | similarity | together | round |\n"
    "|---|---:|---|---:|---|---:|---:|---:|"
)
_HOW_TO_VETO: Final = """\
Each line below is a merge: the first tag is now another name of the second. A wrong one is undone
by a line `tag,canonical` in the veto file and another run. The doubtful ones come first: merges by
meaning before those by rule; among them, tags that were given together to the same query (why
should a reader give the same tag twice?), then the least similar. "Uses" counts queries that carry
the tag under that very name, "together" those that carry both."""


@dataclass(frozen=True, slots=True)
class _Line:
    alias: Alias
    canonical: CanonicalTag
    together: int

    @property
    def doubt(self) -> tuple[bool, bool, float, str]:
        by_rule = self.alias.rule is not MergeRule.MEANING
        return by_rule, not self.together, self.alias.similarity, self.alias.name

    def row(self) -> str:
        own = self.canonical.count - sum(alias.count for alias in self.canonical.aliases)
        cells = (
            self.alias.name,
            f"{self.alias.count:,}",
            self.canonical.name,
            f"{own:,}",
            self.alias.rule.value,
            f"{self.alias.similarity:.3f}",
            str(self.together),
            str(self.alias.round),
        )
        return f"| {' | '.join(_cell(cell) for cell in cells)} |"


def merge_report(
    vocabulary: Vocabulary,
    *,
    together: Mapping[frozenset[str], int] | None = None,
    vetoes: Sequence[tuple[str, str]] = (),
) -> str:
    """Write the report.

    Args:
        vocabulary: What was built.
        together: Pair of raw tags -> number of queries that carry both.
        vetoes: The pairs that were kept apart, for the record.

    Returns:
        Markdown.
    """
    pairs = together or {}
    lines = [
        _Line(alias, tag, pairs.get(frozenset((alias.name, tag.name)), 0))
        for tag in vocabulary.tags
        for alias in tag.aliases
    ]
    parts = [
        "# Merged tags",
        _summary(vocabulary, lines),
        _HOW_TO_VETO,
        "## Merges",
        "\n".join([_HEAD, *(line.row() for line in sorted(lines, key=lambda line: line.doubt))])
        if lines
        else "None.",
        "## Vetoes",
        "\n".join(f"- {_cell(tag)} is not {_cell(other)}" for tag, other in sorted(vetoes))
        or "None.",
        "## Dropped as too rare",
        ", ".join(f"{_cell(name)} ({n})" for name, n in vocabulary.dropped.items()) or "None.",
    ]
    return "\n\n".join(parts) + "\n"


def _summary(vocabulary: Vocabulary, lines: Sequence[_Line]) -> str:
    raw = len(vocabulary.aliases) + len(vocabulary.dropped)
    options = ", ".join(f"{name} {value}" for name, value in vocabulary.options.items())
    by_rule = {rule: sum(line.alias.rule is rule for line in lines) for rule in MergeRule}
    merged = ", ".join(f"{n} by {rule.value}" for rule, n in by_rule.items() if n)
    return (
        f"{raw:,} raw tags became {len(vocabulary.tags):,} canonical ones: {len(lines):,} were "
        f"merged ({merged or 'none'}), {len(vocabulary.dropped):,} dropped as too rare.\n"
        f"Encoder: {vocabulary.encoder or 'not named'}. Options: {options or 'none'}."
    )


def _cell(text: str) -> str:
    return " ".join(text.split()).replace("|", "\\|")
