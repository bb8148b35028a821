"""Rule aggregation: keys under which two writings of the same tag are equal. Pure.

A key is for comparing only; nobody reads it. It may therefore change a word that has one spelling
("exercise" becomes "exercize"), as long as no two tags of different meaning get the same key.
"""

import re
import unicodedata
from collections.abc import Callable
from enum import StrEnum
from typing import Final


class MergeRule(StrEnum):
    """Why a tag was merged into another one."""

    CASE = "case"
    SEPARATORS = "separators"
    SPELLING = "British/American"
    NUMBER = "singular/plural"
    MEANING = "meaning"


_SPACES = re.compile(r"[\s_]+")
_SEPARATORS = re.compile(r"[\s_/\-\u2010-\u2015:]+")
_APOSTROPHES = re.compile("['\u2019`]")
# A leading dot belongs to the name: ".net" is not "net".
_INNER_DOTS = re.compile(r"(?<=.)\.")

_AMERICAN_WORDS: Final = {
    "acknowledgement": "acknowledgment",
    "aeroplane": "airplane",
    "ageing": "aging",
    "aluminium": "aluminum",
    "cosy": "cozy",
    "defence": "defense",
    "enrolment": "enrollment",
    "fulfilment": "fulfillment",
    "grey": "gray",
    "instalment": "installment",
    "jewellery": "jewelry",
    "judgement": "judgment",
    "licence": "license",
    "maths": "math",
    "mould": "mold",
    "offence": "offense",
    "plough": "plow",
    "practise": "practice",
    "pretence": "pretense",
    "programme": "program",
    "pyjamas": "pajamas",
    "sceptical": "skeptical",
    "scepticism": "skepticism",
    "skilful": "skillful",
    "tyre": "tire",
}
_AMERICAN_PARTS: Final = (
    (re.compile(r"(?<=\w{3})is(e|ed|er|ers|es|ing|ation|ations)$"), r"iz\1"),
    (re.compile(r"(?<=\w{3})ys(e|ed|er|ers|ing)$"), r"yz\1"),
    (re.compile(r"(?<=\w{2})our(s|ed|ing|ite|ites|able|al|ful|hood|ly|less)?$"), r"or\1"),
    (re.compile(r"(?<=[bt])re(s?)$"), r"er\1"),
    (re.compile(r"ogue(s?)$"), r"og\1"),
    # Only behind an unstressed syllable: "filling" and "filing" are two words.
    (
        re.compile(r"(?<=[aeiouy][a-z])([a-z]?[aeo])ll(ed|ing|er|ers|or|ors|ation|ations)$"),
        r"\1l\2",
    ),
    (re.compile(r"paed"), "ped"),
    (re.compile(r"anaesth"), "anesth"),
    (re.compile(r"(?<!\w)haem"), "hem"),
    (re.compile(r"(?<=[nk])aem"), "em"),
    (re.compile(r"gynaec"), "gynec"),
    (re.compile(r"aesthet"), "esthet"),
    (re.compile(r"(arch|pal)aeo"), r"\1eo"),
    (re.compile(r"oestr"), "estr"),
    (re.compile(r"rrhoea"), "rrhea"),
    (re.compile(r"^foet"), "fet"),
    (re.compile(r"manoeuv"), "maneuv"),
)

_SINGULAR_WORDS: Final = {
    "analyses": "analysis",
    "children": "child",
    "crises": "crisis",
    "criteria": "criterion",
    "feet": "foot",
    "geese": "goose",
    "halves": "half",
    "hypotheses": "hypothesis",
    "indices": "index",
    "knives": "knife",
    "leaves": "leaf",
    "lives": "life",
    "matrices": "matrix",
    "men": "man",
    "mice": "mouse",
    "people": "person",
    "phenomena": "phenomenon",
    "shelves": "shelf",
    "teeth": "tooth",
    "theses": "thesis",
    "vertices": "vertex",
    "wives": "wife",
    "wolves": "wolf",
    "women": "woman",
}
# They end in s and are no plurals, or mean something else than their singular.
_NO_PLURALS: Final = frozenset(
    {
        "customs",
        "glasses",
        "goods",
        "kubernetes",
        "lens",
        "means",
        "news",
        "pandas",
        "rails",
        "series",
        "species",
        "windows",
    }
)
_NO_PLURAL_ENDINGS: Final = ("ss", "us", "is", "ics")
_SHORTEST_PLURAL: Final = 4


def fold(name: str) -> str:
    """Fold upper and lower case, width and spaces.

    Args:
        name: A tag as it stands in a corpus.

    Returns:
        The form in which tags are named in a vocabulary; punctuation stays ("c#", "ci/cd").
    """
    folded = unicodedata.normalize("NFKC", name).casefold()
    return _SPACES.sub(" ", folded).strip()


def without_separators(name: str) -> str:
    """Make a key in which "skin-care", "skin care" and "skincare" are equal.

    Args:
        name: A tag.

    Returns:
        The key.
    """
    return "".join(_words(name))


def american(name: str) -> str:
    """Make a key in which, besides, British and American spellings are equal.

    Args:
        name: A tag.

    Returns:
        The key.
    """
    return "".join(_american_word(word) for word in _words(name))


def singular(name: str) -> str:
    """Make a key in which, besides, singulars and plurals are equal, word by word.

    Args:
        name: A tag.

    Returns:
        The key.
    """
    return "".join(_singular_word(_american_word(word)) for word in _words(name))


# In this order: the first key that two tags share names the reason of their merge.
RULES: Final[tuple[tuple[MergeRule, Callable[[str], str]], ...]] = (
    (MergeRule.SEPARATORS, without_separators),
    (MergeRule.SPELLING, american),
    (MergeRule.NUMBER, singular),
)


def _words(name: str) -> list[str]:
    plain = _APOSTROPHES.sub("", fold(name))
    return [_INNER_DOTS.sub("", word) for word in _SEPARATORS.split(plain)]


def _american_word(word: str) -> str:
    word = _AMERICAN_WORDS.get(word, word)
    for british, replacement in _AMERICAN_PARTS:
        word = british.sub(replacement, word)
    return word


def _singular_word(word: str) -> str:
    if word in _SINGULAR_WORDS:
        return _SINGULAR_WORDS[word]
    if len(word) < _SHORTEST_PLURAL or word in _NO_PLURALS or word.endswith(_NO_PLURAL_ENDINGS):
        return word
    if word.endswith("ies") and len(word) > _SHORTEST_PLURAL:
        return f"{word[:-3]}y"
    if word.endswith(("ches", "shes", "xes", "sses", "oes")):
        return word[:-2]
    return word[:-1] if word.endswith("s") else word
