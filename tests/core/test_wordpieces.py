"""Query text becomes token ids; long queries keep their head and their tail."""

import pytest
from tokenizers import Tokenizer

from tagrouter.network import shipped_generator
from tagrouter.wordpieces import QueryTokenizer

TOKENIZER = shipped_generator() / "tokenizer.json"


def tokenizer(max_tokens: int = 16) -> QueryTokenizer:
    return QueryTokenizer(Tokenizer.from_file(str(TOKENIZER)), max_tokens)


def words(count: int, word: str = "sea") -> str:
    return " ".join([word] * count)


def test_short_query_is_kept_whole():
    ids = tokenizer().ids("a poem about the sea")
    assert tokenizer(64).ids("a poem about the sea") == ids
    assert len(ids) < 16


def test_long_query_keeps_head_and_tail():
    (start, first, end), (_, last, _) = tokenizer().ids("poem"), tokenizer().ids("translate")
    ids = tokenizer().ids(f"poem {words(40)} translate")
    assert len(ids) == 16
    assert ids[:2] == [start, first]
    assert ids[-2:] == [last, end]


def test_three_quarters_of_the_tokens_come_from_the_head():
    (_, head, _), (_, tail, _) = tokenizer().ids("sea"), tokenizer().ids("poem")
    ids = tokenizer().ids(f"{words(40)} {words(40, 'poem')}")
    # 12 of 16, one of them special; then 4, one of them special.
    assert (ids.count(head), ids.count(tail)) == (11, 3)


def test_middle_of_a_megabyte_is_never_looked_at():
    long = tokenizer().ids(f"poem {words(300_000)} translate")
    assert long == tokenizer().ids(f"poem {words(300)} translate")


@pytest.mark.parametrize("text", ["", " ", "\0", "\ud800", "🎉", "a" * 5000, "\U000e0041"])
def test_any_text_has_between_two_and_the_most_tokens(text):
    assert 2 <= len(tokenizer().ids(text)) <= 16


def test_lone_surrogate_counts_as_an_unknown_character():
    assert tokenizer().ids("a \ud800 b") == tokenizer().ids("a ? b")
