"""Query text -> token ids for the embedded generator; the same code trains it and runs it."""

from collections.abc import Sequence

from tokenizers import Tokenizer

# A token is at least one character, four on average in English. Text beyond this many characters
# at either end cannot reach the model and is cut before tokenizing, so that a megabyte of text
# costs no more than a page.
_MAX_CHARS_PER_TOKEN = 12
# Instructions stand at the start of a long query or at its end; pasted material is in between.
_HEAD_SHARE = 0.75


class QueryTokenizer:
    """Tokenizes queries; long ones keep their head and their tail.

    Args:
        tokenizer: A Hugging Face tokenizer whose ``encode`` adds the special tokens.
        max_tokens: Longest output, special tokens included.
    """

    def __init__(self, tokenizer: Tokenizer, max_tokens: int) -> None:
        self._tokenizer = tokenizer
        self._tokenizer.no_truncation()
        self._tokenizer.no_padding()
        self.max_tokens = max_tokens

    def ids(self, query: str) -> list[int]:
        """Tokenize one query.

        Args:
            query: Any text; NUL bytes and lone surrogates count as unknown characters.

        Returns:
            Between 2 and `max_tokens` token ids, the first and last of them special tokens.
        """
        head_chars = int(self.max_tokens * _MAX_CHARS_PER_TOKEN * _HEAD_SHARE)
        tail_chars = self.max_tokens * _MAX_CHARS_PER_TOKEN - head_chars
        if len(query) > head_chars + tail_chars:
            query = f"{query[:head_chars]} {query[-tail_chars:]}"
        # A lone surrogate cannot be encoded as UTF-8, which is what the tokenizer reads.
        readable = query.encode("utf-8", "replace").decode("utf-8")
        return self._fit(self._tokenizer.encode(readable).ids)

    def _fit(self, ids: Sequence[int]) -> list[int]:
        if len(ids) <= self.max_tokens:
            return list(ids)
        head = int(self.max_tokens * _HEAD_SHARE)
        return [*ids[:head], *ids[head - self.max_tokens :]]
