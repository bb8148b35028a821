"""Reads a page: its code blocks, in order, with what a hidden comment above one says of it.

``<!-- file: NAME -->`` above a block makes it the content of a file that the page's examples use.
``<!-- receipt: QUERY -->`` above a block says that it is the receipt of that query.
"""

import re
import shlex
from collections.abc import Iterator
from dataclasses import dataclass
from pathlib import Path

REPOSITORY = Path(__file__).parents[2]
BLOCK = re.compile(
    r"(?:^<!-- (?P<role>\w+): (?P<argument>.+?) -->\n)?"
    r"^```(?P<language>\w*)\n(?P<code>.*?)^```$",
    re.MULTILINE | re.DOTALL,
)
EXPECTED = re.compile(r"# -> (.+)$", re.MULTILINE)
FRAMEWORKS = {"langchain": "langchain_core", "llamaindex": "llama_index.core"}


@dataclass(frozen=True)
class Block:
    """One code block of a page."""

    page: Path
    line: int
    language: str
    code: str
    role: str
    argument: str

    @property
    def framework(self) -> str | None:
        """The framework it needs, if it is Python that needs one."""
        if self.language != "python":
            return None
        return next((name for name in FRAMEWORKS if f"{name}_tagrouter" in self.code), None)

    @property
    def expected(self) -> list[str]:
        """What its comments say that it prints, in order."""
        found: list[str] = []
        for text in EXPECTED.findall(self.code):
            found += text.split(", then ")
        return found

    @property
    def commands(self) -> Iterator[list[str]]:
        """Arguments of its `tagrouter` commands."""
        for line in self.code.splitlines():
            words = shlex.split(line, comments=True)
            if words[:1] == ["tagrouter"]:
                yield words[1:]

    def run(self, names: dict[str, object]) -> None:
        """Execute it; tracebacks show the page's line."""
        exec(compile("\n" * self.line + self.code, str(self.page), "exec"), names)


def read_blocks(page: str) -> list[Block]:
    path = REPOSITORY / page
    text = path.read_text(encoding="utf-8")
    return [
        Block(
            page=path,
            line=text[: found.start("code")].count("\n"),
            language=found["language"],
            code=found["code"],
            role=found["role"] or "",
            argument=found["argument"] or "",
        )
        for found in BLOCK.finditer(text)
    ]
