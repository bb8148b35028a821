"""A loaded causal language model: prompts as tokens in, answers as text out."""

import re
from collections.abc import Sequence
from dataclasses import dataclass
from typing import TYPE_CHECKING, Any

from tagrouter.errors import TagGeneratorError
from tagrouter.tags.answers import list_is_complete

if TYPE_CHECKING:
    import torch
    from transformers import PreTrainedModel, PreTrainedTokenizerBase

_UNBOUNDED_CONTEXT = 1_000_000
# No tokenizer puts more characters into a token, on average over a long text.
_CHARS_PER_TOKEN = 16
_GAP = "\n...\n"
# A list can only end at a token with one of these, or right after a line break.
_LIST_ENDS = frozenset("]}`\n")


@dataclass(frozen=True, slots=True)
class Answer:
    """What the model wrote.

    Attributes:
        text: Without the prompt and control tokens.
        was_cut: Whether it reached the limit of new tokens.
    """

    text: str
    was_cut: bool


class LoadedModel:
    """Model and tokenizer, set up to answer greedily.

    Args:
        model: On its device.
        tokenizer: Pads on the left.
    """

    def __init__(self, model: "PreTrainedModel", tokenizer: "PreTrainedTokenizerBase") -> None:
        from transformers import GenerationConfig

        self.model = model.eval()  # type: ignore[no-untyped-call]
        self.tokenizer = tokenizer
        ends = _end_tokens(model, tokenizer)
        self._pad = tokenizer.pad_token_id if tokenizer.pad_token_id is not None else min(ends)
        self._stops = ends | {self._pad}
        # A model's own settings sample, and penalize what the padding repeats: an answer would
        # then depend on its batch.
        self.model.generation_config = GenerationConfig(  # type: ignore[no-untyped-call]
            do_sample=False, eos_token_id=sorted(ends) or None, pad_token_id=self._pad
        )
        self._control_tokens = _control_token_pattern(tokenizer)
        self._may_end: dict[int, bool] = {}

    @property
    def context(self) -> int:
        """How many tokens the model can read and write."""
        config = self.model.config.get_text_config()
        return int(getattr(config, "max_position_embeddings", None) or _UNBOUNDED_CONTEXT)

    def encode(self, text: str) -> list[int]:
        """Split a text into tokens; a chat template has written all special ones itself."""
        return list(self.tokenizer(text, add_special_tokens=False)["input_ids"])

    def shortened(self, query: str, max_tokens: int) -> str:
        """Make a query safe to put into a prompt.

        Args:
            query: Any text.
            max_tokens: Of a longer query, beginning and end are kept.

        Returns:
            Valid Unicode in which nothing is a control token.
        """
        half = max_tokens * _CHARS_PER_TOKEN // 2
        text = query if len(query) <= 2 * half else query[:half] + _GAP + query[-half:]
        text = text.encode("utf-8", "surrogatepass").decode("utf-8", "replace")
        if self._control_tokens is not None:
            text = self._control_tokens.sub(lambda found: f"{found[0][0]} {found[0][1:]}", text)
        ids = self.encode(text)
        if len(ids) <= max_tokens:
            return text
        n_tail = max_tokens // 2
        head, tail = ids[: max_tokens - n_tail], ids[len(ids) - n_tail :]
        return f"{self._decode(head)}{_GAP}{self._decode(tail)}"

    def run(self, prompts: Sequence[Sequence[int]], max_new_tokens: int) -> list[Answer]:
        """Answer one batch.

        Args:
            prompts: Tokens of each prompt.
            max_new_tokens: Length of the longest answer.

        Returns:
            One answer per prompt.

        Raises:
            TagGeneratorError: If the batch does not fit into memory.
        """
        import torch

        width = max(map(len, prompts))
        ids = torch.full((len(prompts), width), self._pad)
        mask = torch.zeros_like(ids)
        for row, prompt in enumerate(prompts):
            ids[row, width - len(prompt) :] = torch.tensor(prompt)
            mask[row, width - len(prompt) :] = 1
        device = self.model.device
        try:
            with torch.inference_mode():
                # Positions are counted from the mask, so padding moves none.
                rows = self.model.generate(
                    input_ids=ids.to(device),
                    attention_mask=mask.to(device),
                    max_new_tokens=max_new_tokens,
                    stopping_criteria=[_ListEnd(self, width, len(prompts))],
                )
        except torch.OutOfMemoryError as error:
            raise TagGeneratorError(
                f"{len(prompts)} prompts of up to {width} tokens do not fit into the memory of "
                f"{device}. Set batch_size or max_query_tokens lower."
            ) from error
        return [self._answer(row[width:].tolist(), max_new_tokens) for row in rows]

    def new_text_may_end_list(self, token: int) -> bool:
        """Tell whether a token has a character that lists end with."""
        if token not in self._may_end:
            self._may_end[token] = not _LIST_ENDS.isdisjoint(self._decode([token]))
        return self._may_end[token]

    def list_has_ended(self, tokens: "torch.Tensor") -> bool:
        """Tell whether the answer so far holds a complete list."""
        return list_is_complete(self._decode(tokens.tolist()))

    def _answer(self, tokens: list[int], max_new_tokens: int) -> Answer:
        n_written = next((i for i, id_ in enumerate(tokens) if id_ in self._stops), len(tokens))
        text = self._decode(tokens[:n_written])
        return Answer(text, n_written == max_new_tokens and not list_is_complete(text))

    def _decode(self, tokens: list[int]) -> str:
        return str(self.tokenizer.decode(tokens, skip_special_tokens=True))


class _ListEnd:
    """Stopping criterion: each row stops at the end of its list."""

    def __init__(self, loaded: LoadedModel, width: int, n_rows: int) -> None:
        self._loaded = loaded
        self._width = width
        self._ended = [False] * n_rows

    def __call__(self, ids: "torch.Tensor", scores: object, **settings: object) -> "torch.Tensor":
        """Tell which rows have ended."""
        import torch

        last_two = ids[:, max(self._width, ids.shape[1] - 2) :].tolist()
        for row, last in enumerate(last_two):
            if not self._ended[row] and any(map(self._loaded.new_text_may_end_list, last)):
                self._ended[row] = self._loaded.list_has_ended(ids[row, self._width :])
        return torch.tensor(self._ended, device=ids.device)


def _end_tokens(model: "PreTrainedModel", tokenizer: "PreTrainedTokenizerBase") -> set[int]:
    """Collect the tokens that end an answer; chat models have several, kept in two places."""
    configured: Any = getattr(model.generation_config, "eos_token_id", None)
    ends = set(configured if isinstance(configured, list | tuple) else [configured])
    ends.add(tokenizer.eos_token_id)
    ends.discard(None)
    if not ends:
        raise TagGeneratorError(
            f"Neither the model nor the tokenizer of {model.name_or_path!r} has an end-of-text "
            "token, so no answer would end. Set eos_token_id in its generation_config.json."
        )
    return ends


def _control_token_pattern(tokenizer: "PreTrainedTokenizerBase") -> "re.Pattern[str] | None":
    """Match special tokens, so that a query cannot end its message and start another."""
    added = tokenizer.added_tokens_decoder.values()
    special = {token.content for token in added if token.special} | {*tokenizer.all_special_tokens}
    longest_first = sorted((token for token in special if len(token) > 1), key=len, reverse=True)
    return re.compile("|".join(map(re.escape, longest_first))) if longest_first else None
