"""Raw text -> tag name. Pure."""

import re
import unicodedata

_SEPARATORS = re.compile(r"[\s_/]+")
_EDGES = " \t\r\n\"'`.,;:!?()[]{}<>*#-"
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
    name = _SEPARATORS.sub(" ", folded).strip(_EDGES)
    return name if len(name.split(" ")) <= MAX_TAG_WORDS else ""
