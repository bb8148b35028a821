"""Raw text -> tag name. Pure."""

import re
import unicodedata

_SEPARATORS = re.compile(r"[\s_]+")
_EDGES = " \"'`.,;:!?()[]{}<>*#/-"
MAX_TAG_WORDS = 5


def normalize_tag(text: str) -> str:
    """Normalize a tag: NFKC, lower case, single spaces, no punctuation at its ends.

    Args:
        text: A tag as a person or a model wrote it.

    Returns:
        The name; empty if nothing is left or if it has more than `MAX_TAG_WORDS` words, which is
        no longer a tag.
    """
    folded = unicodedata.normalize("NFKC", text).casefold()
    # Folding may leave characters that combine once more.
    folded = unicodedata.normalize("NFKC", folded)
    name = _trim(_SEPARATORS.sub(" ", folded))
    return name if len(name.split(" ")) <= MAX_TAG_WORDS else ""


def _trim(name: str) -> str:
    """Take quotes, brackets, bullets and full stops off; "c#" and ".net" keep what makes them."""
    core = name.strip(_EDGES)
    if not core:
        return ""
    start = name.index(core)
    before, after = name[:start][-2:], name[start + len(core) :][:1]
    dotted = before[-1:] == "." and before != ".." and core[0].isalnum()
    sharp = after == "#" and core[-1].isalnum()
    return f"{'.' if dotted else ''}{core}{'#' if sharp else ''}"
