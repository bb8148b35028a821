"""Tags that no other tag is near enough to: effort tags and languages.

Phrase vectors put "simple request" beside "complex request" and Danish beside Norwegian, but the
first pair are opposites and the second need different models. Such tags only take other writings
of their own name.
"""

import re
from typing import Final

_EFFORT = re.compile(r"(trivial|simple|moderate|complex|expert-level) request")
_ABOUT_LANGUAGE: Final = frozenset(
    {
        "internet slang",
        "low-resource language",
        "misspelled input",
        "mixed languages",
        "multilingual",
    }
)
_NAMES: Final = """
    afrikaans albanian amharic arabic armenian azerbaijani basque belarusian bengali bosnian
    bulgarian burmese cantonese catalan cebuano chinese croatian czech danish dutch english
    esperanto estonian farsi filipino finnish flemish french galician georgian german greek
    gujarati hausa hebrew hindi hungarian icelandic igbo indonesian irish italian japanese javanese
    kannada kazakh khmer korean kurdish lao latin latvian lithuanian macedonian malay malayalam
    maltese mandarin marathi mongolian nepali norwegian pashto persian polish portuguese punjabi
    quechua romanian russian sanskrit serbian sinhala slovak slovenian somali spanish swahili
    swedish tagalog tamil telugu thai tibetan turkish ukrainian urdu uzbek vietnamese welsh xhosa
    yiddish yoruba zulu
"""
LANGUAGES: Final = frozenset(_NAMES.split())


def is_protected(tag: str) -> bool:
    """Say whether a tag keeps to itself.

    Args:
        tag: A folded tag.

    Returns:
        True for the effort tags, for a language ("danish", "classical chinese") and for what
        is said about the language of a query ("mixed languages").
    """
    last = tag.rpartition(" ")[2]
    return tag in _ABOUT_LANGUAGE or last in LANGUAGES or _EFFORT.fullmatch(tag) is not None
