"""Tags from a causal language model on this machine: TagGenerator of the paper, or any other."""

import contextlib
import hashlib
import importlib
import importlib.util
import threading
from collections.abc import Iterator, Sequence
from pathlib import Path
from typing import Any, Final

from tagrouter.errors import (
    InvalidInputError,
    MissingExtraError,
    TagGeneratorError,
    UnknownNameError,
)
from tagrouter.records import QueryTags
from tagrouter.tags.answers import MAX_TAGS, parse_tags
from tagrouter.tags.base import TagGenerator
from tagrouter.tags.causal_lm_model import Answer, LoadedModel
from tagrouter.tags.prompts import CARD_PROMPT, TagPrompt

HUBS: Final = ("huggingface", "modelscope")
DTYPES: Final = ("auto", "float32", "bfloat16", "float16")

_VERSION = "1"
# A text that is cut in two and put together again may have a few tokens more.
_SPARE_TOKENS = 32


class CausalLMGenerator(TagGenerator):
    """Asks a causal language model for tags, greedily; every tag has weight 1.

    The model is loaded at the first use. Queries are sorted by length and run in batches, padded
    on the left. In float32 the batch changes no tag short of a tie between two tokens; in half
    precision rounding may, now and then.

    Args:
        model: Hub id, or a local folder, which no hub is asked about.
        hub: "huggingface" or "modelscope".
        prompt: What the model is asked; the text on TagGenerator's model card by default.
        chat_template: Jinja template that replaces the model's own; needed where it has none.
        dtype: "float32", "bfloat16" or "float16"; "auto" takes what the weights are stored in.
        device: A torch device such as "cuda:1"; "auto" takes a GPU where there is one.
        batch_size: Queries that are run together.
        max_new_tokens: An answer longer than this is cut off.
        max_query_tokens: Of a longer query, the beginning and the end are read.
        max_tags: Tags kept of one answer.
        trust_remote_code: Whether to run code that comes with the model.
    """

    name = "transformers"

    def __init__(
        self,
        model: str | Path = "itpossible/TagGenerator",
        *,
        hub: str = "huggingface",
        prompt: TagPrompt = CARD_PROMPT,
        chat_template: str | None = None,
        dtype: str = "auto",
        device: str = "auto",
        batch_size: int = 16,
        max_new_tokens: int = 512,
        max_query_tokens: int = 4096,
        max_tags: int = MAX_TAGS,
        trust_remote_code: bool = False,
    ) -> None:
        self.model = str(model)
        self.hub = hub
        self.prompt = prompt
        self.chat_template = chat_template
        self.dtype = dtype
        self.device = device
        self.batch_size = batch_size
        self.max_new_tokens = max_new_tokens
        self.max_query_tokens = max_query_tokens
        self.max_tags = max_tags
        self.trust_remote_code = trust_remote_code
        self._lock = threading.RLock()
        self._loaded: LoadedModel | None = None

    @property
    def source(self) -> str:
        """The registry name with the model: ``transformers:MODEL``."""
        return f"{self.name}:{self.model}"

    @classmethod
    def from_source(cls, argument: str) -> "CausalLMGenerator":
        """Build it for a model, or for the paper's."""
        return cls(argument) if argument else cls()

    @property
    def version(self) -> str:  # type: ignore[override]
        """Name of the model, and a hash of the settings that change tags."""
        settings = (
            self.prompt.system,
            self.prompt.user,
            self.chat_template,
            self.max_new_tokens,
            self.max_query_tokens,
            self.max_tags,
        )
        digest = hashlib.sha256(repr(settings).encode("utf-8", "surrogatepass")).hexdigest()
        name = Path(self.model).resolve().name if Path(self.model).is_dir() else self.model
        return f"{_VERSION} {name} {digest[:8]}"

    def answers(self, queries: Sequence[str]) -> list[str]:
        """Give what the model writes, before tags are read in it.

        Args:
            queries: The texts.

        Returns:
            One answer per query, in order, without prompt and control tokens.

        Raises:
            TagGeneratorError: If the model cannot be loaded or run.
        """
        return [answer.text for answer in self._answers(queries)]

    def _generate(self, queries: Sequence[str]) -> list[QueryTags]:
        return [
            QueryTags.of_names(
                parse_tags(answer.text, self.max_tags, truncated=answer.was_cut),
            )
            for answer in self._answers(queries)
        ]

    def _answers(self, queries: Sequence[str]) -> list[Answer]:
        # Tokenizers are not safe to share between threads, and a second batch gains nothing.
        with self._lock:
            if self._loaded is None:
                self._loaded = self._load()
            loaded = self._loaded
            room = min(self._room(loaded), self.max_query_tokens)
            # A query that comes twice is answered once, and so the same.
            prompts = {
                query: loaded.encode(self._prompt_text(loaded.shortened(query, room), loaded))
                for query in dict.fromkeys(queries)
            }
            answers: dict[str, Answer] = {}
            for batch in self._batches(prompts):
                rows = loaded.run([prompts[query] for query in batch], self.max_new_tokens)
                answers.update(zip(batch, rows, strict=True))
        return [answers[query] for query in queries]

    def _batches(self, prompts: dict[str, list[int]]) -> Iterator[list[str]]:
        # Neighbors in length need little padding.
        ordered = sorted(prompts, key=lambda query: (len(prompts[query]), query))
        for start in range(0, len(ordered), self.batch_size):
            yield ordered[start : start + self.batch_size]

    def _room(self, loaded: LoadedModel) -> int:
        """Count the tokens that a query may have."""
        n_fixed = len(loaded.encode(self._prompt_text("", loaded)))
        room = loaded.context - self.max_new_tokens - n_fixed - _SPARE_TOKENS
        if room < 1:
            raise TagGeneratorError(
                f"{self.model!r} reads {loaded.context} tokens at most; prompt and answer leave no "
                f"room for a query. Set max_new_tokens below {self.max_new_tokens}."
            )
        return room

    def _prompt_text(self, query: str, loaded: LoadedModel) -> str:
        tokenizer = loaded.tokenizer
        if not (self.chat_template or tokenizer.chat_template):
            raise TagGeneratorError(
                f"{self.model!r} has no chat template, so it was not trained to follow a prompt. "
                "Pass chat_template=, or take a model with instruction tuning."
            )
        try:
            # Thinking aloud would use up the tokens meant for the list; most templates ignore this.
            return str(
                tokenizer.apply_chat_template(
                    self.prompt.messages(query),
                    chat_template=self.chat_template,
                    tokenize=False,
                    add_generation_prompt=True,
                    enable_thinking=False,
                )
            )
        except Exception as error:
            raise TagGeneratorError(
                f"The chat template of {self.model!r} refused the prompt: {error}. If it knows no "
                "system message, pass prompt=TagPrompt(user=...) without one."
            ) from error

    def _load(self) -> LoadedModel:
        self._check_settings()
        for package in ("torch", "transformers"):
            if importlib.util.find_spec(package) is None:
                raise MissingExtraError.of("Tag generator 'transformers'", package, "transformers")
        from transformers import AutoModelForCausalLM, AutoTokenizer

        folder, device = self._folder(), self._torch_device()
        trust = {"trust_remote_code": self.trust_remote_code}
        try:
            tokenizer = AutoTokenizer.from_pretrained(folder, padding_side="left", **trust)
            with _no_progress_bar():
                # Other forms of weights are pickles.
                model = AutoModelForCausalLM.from_pretrained(
                    folder, dtype=self.dtype, use_safetensors=True, **trust
                )
            model.to(device)  # type: ignore[arg-type]
        except Exception as error:
            raise self._unloadable(error) from error
        return LoadedModel(model, tokenizer)

    def _torch_device(self) -> str:
        import torch

        if self.device != "auto":
            try:
                torch.device(self.device)
            except (RuntimeError, TypeError) as error:
                raise InvalidInputError(
                    f"device is {self.device!r}; it is 'auto' or a torch device such as 'cuda:1'."
                ) from error
            return self.device
        if torch.cuda.is_available():
            return "cuda"
        return "mps" if torch.backends.mps.is_available() else "cpu"

    def _check_settings(self) -> None:
        if self.hub not in HUBS:
            raise UnknownNameError.of("hub", self.hub, HUBS, "Use one of these.")
        if self.dtype not in DTYPES:
            raise UnknownNameError.of("dtype", self.dtype, DTYPES, "Use one of these.")
        for setting in ("batch_size", "max_new_tokens", "max_query_tokens", "max_tags"):
            value = getattr(self, setting)
            if not isinstance(value, int) or value < 1:
                raise InvalidInputError(f"{setting} is {value!r}; it is a whole number from 1 on.")

    def _folder(self) -> str:
        """Give the folder to load from, or the id that transformers fetches by itself."""
        if self.hub == "huggingface" or Path(self.model).is_dir():
            return self.model
        if importlib.util.find_spec("modelscope") is None:
            raise MissingExtraError(
                "The hub 'modelscope' needs the package 'modelscope', which is not installed. "
                "Run: pip install modelscope"
            )
        try:
            return str(importlib.import_module("modelscope").snapshot_download(self.model))
        except Exception as error:
            raise self._unloadable(error) from error

    def _unloadable(self, error: Exception) -> TagGeneratorError:
        cause = (str(error).strip().splitlines() or [type(error).__name__])[0]
        if "trust_remote_code" in str(error):
            remedy = "The model brings code of its own: read it, then set trust_remote_code=True."
        else:
            remedy = (
                "Give a folder with config.json, a tokenizer and safetensors weights of a causal "
                "language model, or a hub id while the hub can be reached; hub= is one of "
                f"{', '.join(HUBS)}. The generator 'embedded' needs no download."
            )
        return TagGeneratorError(f"Model {self.model!r} cannot be loaded: {cause}. {remedy}")

    def __getstate__(self) -> dict[str, Any]:
        """Leave lock and loaded model out of copies, which load it again when used."""
        return {**self.__dict__, "_lock": None, "_loaded": None}

    def __setstate__(self, state: dict[str, Any]) -> None:
        """Take over the settings."""
        self.__dict__.update(state, _lock=threading.RLock())


@contextlib.contextmanager
def _no_progress_bar() -> Iterator[None]:
    """Hide the bar that transformers draws over weights already on disk, terminal or not."""
    from transformers.utils import logging

    was_enabled = logging.is_progress_bar_enabled()
    logging.disable_progress_bar()  # type: ignore[no-untyped-call]
    try:
        yield
    finally:
        if was_enabled:
            logging.enable_progress_bar()  # type: ignore[no-untyped-call]
