"""What a language model answers when asked for tags -> tag names. Pure.

Models write lists in many forms: JSON, Python, objects with a `tag` field, commas, bullets, lines,
with or without an introduction, a code fence or a remark at the end. The first list counts, so an
answer that is stopped at the end of its list (`list_is_complete`) means the same as a longer one.
"""

import json
import re
import unicodedata
from collections.abc import Iterable, Iterator
from dataclasses import dataclass, field
from typing import Final

from tagrouter.tags.normalize import normalize_tag

MAX_TAGS: Final = 20
"""Tags kept of one answer by default."""

_MAX_ANSWER_CHARS = 20_000
_MAX_TAG_CHARS = 60
_MAX_LIST_STARTS = 8
_TAG_KEYS = {"tag", "tags", "name", "label", "labels", "keyword", "keywords", "标签"}
_NO_TAGS = {"tag", "tags", "key tags", "keywords", "标签", "关键词"}
_NO_TAGS |= {"none", "null", "n/a", "no tags", "etc", "无"}
# What normalize_tag leaves at the ends; the last four cannot be seen.
_EDGES = " \t\r\n。…“”\u2018\u2019「」『』《》〈〉【】\u200b\u200e\u200f\ufeff"
_UNFIT = ("Cc", "Cs", "Co", "Cn")

_SEPARATORS = re.compile(r"[,;、|\t\n，；]|\s#(?=\w)")
_LIST_PUNCTUATION = re.compile(r"[\]},;、，；]")
_CONTROL_TOKEN = re.compile(r"<\|[^|<>\n]{1,40}\|>|</?s>")
_FENCE = re.compile(r"```[\w+-]*(.*?)(?:```|\Z)", re.DOTALL)
# Chinese writes no spaces: so many characters in a row are a sentence.
_CHINESE_SENTENCE = re.compile(r"[\u3040-\u9fff]{16}")
# Repetitions are bounded wherever a search could otherwise take quadratic time.
_LIST_START = re.compile(r"(?:^|[:：=])[\s`*]{0,8}([\[{])", re.MULTILINE)
_ANOTHER_LIST = re.compile(r"[\s,]*(?=[\[{])")
_BULLET = re.compile(
    r"\s*(?:[-*+•·‣▪◦●\u2013—]+\s+|[•·‣▪◦●]|\(?\d{1,3}\)\s*|（\d{1,3}）\s*|\d{1,3}[.\uff0e](?!\d)\s*|\d{1,3}、)"
)
_BULLET_BEGINS = re.compile(r"[\W\d]{1,5}\Z")
_LEAD = re.compile(
    r"\W{0,5}(?:(?:[\w'\u2019]{1,30} ){0,6}(?:tags?|keywords?|labels?)|"
    r"[^\W\d_]{0,4}(?:标签|关键词))(?: (?:are|is|include))?(?:为|是|如下|有)?\W{0,3}[:：]"
)
_EXPLANATION = re.compile(r"[:：]|\s[-\u2013—]+\s|\s?[(（]")
_INTRODUCTION_ENDS = (":", "：", "!", "！", "?", "？")

_TOKEN = re.compile(
    r"""(?P<open>[\[{]) | (?P<close>[\]}]) | (?P<comma>[,;、，；]) | (?P<colon>[:：])
    | "(?P<double>(?:[^"\\]|\\.)*)(?P<double_end>"?)
    | '(?P<single>(?:[^'\\]|\\.|'(?!\s*(?:[,:\]}]|\Z)))*)(?P<single_end>'?)
    | “(?P<curly>[^”]*)(?P<curly_end>”?)
    | (?P<bare>[^\s\[\]{},;、，；:："'“][^\[\]{},;、，；\n:："“]*)""",
    re.VERBOSE | re.DOTALL,
)
_ESCAPED = re.compile(r"\\(.)", re.DOTALL)


def parse_tags(text: str, max_tags: int = MAX_TAGS, *, truncated: bool = False) -> tuple[str, ...]:
    """Read the tags in an answer.

    Args:
        text: The answer, in any form; of a very long one only the beginning is read.
        max_tags: How many tags to keep, the first ones.
        truncated: Whether the answer was cut off, so that its last item is not to be trusted.

    Returns:
        Normalized names without repetition, in the order of the answer; empty if there is none.
    """
    answer, was_cut = _readable(text)
    cut = truncated or was_cut
    for part in _fenced(answer):
        tags = _bracketed_tags(part, cut)
        if tags is None:
            tags = _plain_tags(part, cut)
        if tags:
            return tuple(tags[:max_tags])
    return ()


def list_is_complete(text: str) -> bool:
    """Tell whether the list of an answer has ended, so that nothing more needs to be generated.

    Args:
        text: The beginning of an answer.

    Returns:
        True after a closing bracket or code fence, and where a new paragraph follows a list of
        lines or commas.
    """
    answer, _ = _readable(text)
    for part in _fenced(answer):
        for bracketed in _bracketed_lists(part):
            if not bracketed.closed or _names(bracketed.items):
                return bracketed.closed
    fence = _FENCE.search(answer)
    if fence is not None:
        return fence[0].endswith("```") and bool(_plain_tags(fence[1], cut=False))
    block, rest = _first_list(answer)
    return bool(block) and rest


def _readable(text: str) -> tuple[str, bool]:
    """Take away what a model thought aloud and control tokens; cut to a bounded length."""
    _, _, answer = text.rpartition("</think>")
    if answer.lstrip()[:7] == "<think>":
        return "", False
    was_cut = len(answer) > _MAX_ANSWER_CHARS
    return _CONTROL_TOKEN.sub("\n", answer[:_MAX_ANSWER_CHARS]), was_cut


def _fenced(answer: str) -> Iterator[str]:
    """Give the first code block with something in it, then the whole answer without fences."""
    fence = _FENCE.search(answer)
    if fence is not None:
        yield fence[1]
        answer = answer.replace("```", "\n")
    yield answer


def _names(items: Iterable[str]) -> list[str]:
    """Normalize items; what is no tag is left out."""
    names = (_name(part) for item in items for part in _SEPARATORS.split(item))
    return list(dict.fromkeys(name for name in names if name))


def _name(item: str) -> str:
    # Normalizing twice can differ from once (rare letters, nested quotes); a tag must not.
    name = item
    for _ in range(5):
        again = normalize_tag(name.strip(_EDGES))
        if again == name:
            return name if _is_tag(name) else ""
        name = again
    return ""


def _is_tag(name: str) -> bool:
    if not 0 < len(name) <= _MAX_TAG_CHARS or name in _NO_TAGS or "\ufffd" in name:
        return False
    # Normalizing can bring a separator back: the wide semicolon becomes a plain one.
    if _SEPARATORS.search(name) or _CHINESE_SENTENCE.search(name):
        return False
    if not any(char.isalpha() for char in name):
        return False
    return not any(unicodedata.category(char) in _UNFIT for char in name)


# Lists in brackets.


@dataclass(slots=True)
class _Bracketed:
    """A list in brackets, as far as it goes: "[word]" may be a heading or have a neighbor."""

    items: list[str] = field(default_factory=list)
    closed: bool = False
    is_more_than_a_word: bool = False
    ends_inside_item: bool = False


@dataclass(slots=True)
class _Frame:
    """One open bracket: whether it is an object, and whether its next string is a tag."""

    is_object: bool
    takes: bool


def _bracketed_tags(text: str, cut: bool) -> list[str] | None:
    """Read the first list in brackets; None where there is no such list."""
    for bracketed in _bracketed_lists(text, cut):
        tags = _names(bracketed.items)
        if tags or bracketed.ends_inside_item:
            return tags
    return None


def _bracketed_lists(text: str, cut: bool = False) -> Iterator[_Bracketed]:
    starts = _LIST_START.finditer(text)
    for start, _ in zip(starts, range(_MAX_LIST_STARTS), strict=False):
        yield _scan(text, start.start(1), cut)


def _scan(text: str, start: int, cut: bool) -> _Bracketed:
    """Read one list from its opening bracket on, however nested, broken or unclosed."""
    found = _Bracketed()
    frames: list[_Frame] = []
    n_lists = 0
    position = start
    while (token := _TOKEN.search(text, position)) is not None:
        position = token.end()
        if token["open"]:
            n_lists += token["open"] == "["
            takes = frames[-1].takes if frames else True
            is_object = token["open"] == "{"
            found.is_more_than_a_word |= is_object and n_lists > 0
            frames.append(_Frame(is_object, takes or is_object))
        elif token["close"]:
            frames.pop()
            if not frames:
                found.closed = n_lists > 0 and found.is_more_than_a_word
                another = _ANOTHER_LIST.match(text, position)
                if found.closed or another is None:
                    return found
                position = another.end()
        elif token["comma"]:
            found.is_more_than_a_word = True
            frames[-1].takes |= frames[-1].is_object
        elif not token["colon"]:
            _take(found, frames[-1], token, cut)
    return found


def _take(found: _Bracketed, frame: _Frame, token: re.Match[str], cut: bool) -> None:
    """Take a string or a bare word: a tag, a key, or the value of another key."""
    text, end = token.string, token.end()
    kind = next(name for name in ("double", "single", "curly", "bare") if token[name] is not None)
    is_key = frame.is_object and text[end : end + 40].lstrip()[:1] in (":", "：")
    if is_key:
        frame.takes = normalize_tag(token[kind]) in _TAG_KEYS
        return
    quoted = kind != "bare"
    # The end of the text cut this one in two.
    broken = not token[f"{kind}_end"] if quoted else cut and end == len(text)
    if broken:
        # Otherwise a quote was forgotten.
        found.ends_inside_item = _LIST_PUNCTUATION.search(token[kind]) is None
    elif frame.takes:
        found.is_more_than_a_word |= quoted
        found.items.append(_unescape(token[kind]) if quoted else token[kind])


def _unescape(body: str) -> str:
    try:
        return str(json.loads(f'"{body}"', strict=False))
    except ValueError:
        return _ESCAPED.sub(r"\1", body)


# Lists without brackets.


def _plain_tags(text: str, cut: bool) -> list[str]:
    block, rest = _first_list(text)
    last_is_whole = not cut or rest or text.endswith("\n")
    return _names(_items(block or text.splitlines(), not last_is_whole))


def _first_list(text: str) -> tuple[list[str], bool]:
    """Find the first paragraph that is a list; bullets may have blank lines between them.

    Returns:
        Its lines, none if there is no such paragraph; and whether another paragraph follows.
    """
    block: list[str] = []
    bulleted = after_blank = False
    for line in text.splitlines():
        if not line.strip() or (bulleted and _BULLET_BEGINS.match(line.strip())):
            after_blank |= not line.strip() and bool(block)
            continue
        is_bullet = _BULLET.match(line) is not None
        if after_blank and not (bulleted and is_bullet):
            if bulleted or len(_names(_items(block, cut=False))) > 1:
                return block, True
            block = []
        bulleted |= is_bullet
        if is_bullet or not bulleted:
            block.append(line)
        after_blank = False
    is_list = bulleted or len(_names(_items(block, cut=False))) > 1
    return (block if is_list else []), False


def _items(lines: list[str], cut: bool) -> list[str]:
    bullets = [line for line in lines if _BULLET.match(line)]
    if bullets:
        bodies = (_without_lead(_BULLET.sub("", line, count=1)) for line in bullets)
        items = [_EXPLANATION.split(body.lstrip("*_` "), maxsplit=1)[0] for body in bodies]
    else:
        items = [item for line in lines for item in _line_items(line)]
    return items[:-1] if cut else items


def _line_items(line: str) -> list[str]:
    content = _without_lead(line).strip()
    if content.endswith(_INTRODUCTION_ENDS):
        return []
    # An empty item at the end stays: it shows that the one before is whole.
    items = _SEPARATORS.split(content)
    n_items = sum(bool(item.strip(_EDGES)) for item in items)
    n_short = sum(bool(normalize_tag(item)) for item in items)
    # Of prose, a comma list's stranger, pieces happen to be short too.
    return items if 2 * n_short > n_items else []


def _without_lead(line: str) -> str:
    lead = _LEAD.match(line.lower()) if len(line) == len(line.lower()) else None
    return line[lead.end() :] if lead else line
