"""The shipped network: text in, tag probabilities and a unit vector out. ONNX, CPU, no torch.

A generator folder holds ``generator.json`` (header), ``model.onnx``, ``tokenizer.json`` and
``tag_vectors.safetensors`` (unit vectors of the tag names, so that they need not be computed).
"""

import json
import threading
from collections.abc import Mapping
from dataclasses import dataclass
from functools import cache, cached_property
from importlib.resources import files
from pathlib import Path
from typing import TYPE_CHECKING, Any, Final

import numpy as np
import numpy.typing as npt

from tagrouter.errors import DataFileError
from tagrouter.wordpieces import QueryTokenizer

if TYPE_CHECKING:
    from onnxruntime import InferenceSession

Floats = npt.NDArray[np.float64]

GENERATOR_FORMAT_VERSION: Final = 1
_REMEDY: Final = "Restore the folder, or train the generator again."
_HEADER_KEYS: Final = {
    "format_version": int,
    "name": str,
    "version": str,
    "tags": list,
    "threshold": float,
    "weight_floor": float,
    "max_tokens": int,
    "unknown_token_id": int,
    "provenance": dict,
}


@dataclass(frozen=True, slots=True)
class GeneratorHeader:
    """What ``generator.json`` says.

    Attributes:
        name: Registry name of the generator kind.
        version: Changes whenever the same query may get other tags.
        tags: Names of the outputs.
        threshold: Probability from which a tag is reported.
        weight_floor: Probability from which a tag takes part in decisions.
        max_tokens: Longest input; longer ones keep head and tail.
        unknown_token_id: A text of nothing but these carries no information.
        provenance: What it was trained from and how.
    """

    name: str
    version: str
    tags: tuple[str, ...]
    threshold: float
    weight_floor: float
    max_tokens: int
    unknown_token_id: int
    provenance: Mapping[str, Any]

    @classmethod
    def read(cls, path: Path) -> "GeneratorHeader":
        """Read and check a header.

        Args:
            path: The file ``generator.json``.

        Returns:
            The header.

        Raises:
            DataFileError: If the file is missing, malformed or from a later version.
        """
        try:
            row = json.loads(path.read_text(encoding="utf-8"))
        except FileNotFoundError as error:
            raise DataFileError(
                f"{path.parent} is not a generator folder: it has no {path.name}. "
                "Make one with: tagrouter train CORPUS -o FOLDER"
            ) from error
        except (OSError, ValueError) as error:
            raise DataFileError(f"{path} cannot be read as JSON: {error}. {_REMEDY}") from error
        version = row.get("format_version") if isinstance(row, dict) else None
        if version not in (None, GENERATOR_FORMAT_VERSION):
            raise DataFileError(
                f"{path} has format version {version!r}; this release reads "
                f"{GENERATOR_FORMAT_VERSION}. Upgrade tagrouter, or train the generator again."
            )
        if not isinstance(row, dict) or set(row) != set(_HEADER_KEYS):
            found = ", ".join(sorted(row)) if isinstance(row, dict) else type(row).__name__
            raise DataFileError(
                f"{path} must have the keys {', '.join(_HEADER_KEYS)}; it has {found}. {_REMEDY}"
            )
        for key, kind in _HEADER_KEYS.items():
            if not isinstance(row[key], kind):
                raise DataFileError(
                    f"{path}: {key!r} must be {kind.__name__}, is {row[key]!r}. {_REMEDY}"
                )
        del row["format_version"]
        return cls(**{**row, "tags": tuple(row["tags"])})


def shipped_generator() -> Path:
    """Return the folder of the generator in the wheel."""
    return Path(str(files("tagrouter.tags") / "assets" / "embedded"))


def network_of(folder: Path | None) -> "Network":
    """Return the network of a folder, or the shipped one, which a process loads once.

    Args:
        folder: A generator folder; None for the shipped one.

    Returns:
        The network, maybe not loaded yet. Generator, encoder and all routers share the shipped one.
    """
    return _shipped_network() if folder is None else Network(folder)


@cache
def _shipped_network() -> "Network":
    return Network(shipped_generator())


class Network:
    """A generator folder, loaded when first used. Safe to share between threads.

    Args:
        folder: The generator folder.
    """

    def __init__(self, folder: Path) -> None:
        self.folder = folder
        self._lock = threading.Lock()
        self._session: InferenceSession | None = None

    @cached_property
    def header(self) -> GeneratorHeader:
        """The folder's header."""
        return GeneratorHeader.read(self.folder / "generator.json")

    @cached_property
    def tokenizer(self) -> QueryTokenizer:
        """The folder's tokenizer."""
        from tokenizers import Tokenizer

        path = self.folder / "tokenizer.json"
        try:
            tokenizer = Tokenizer.from_file(str(path))
        except Exception as error:  # the library raises bare Exception
            raise DataFileError(
                f"{path} cannot be read as a tokenizer: {error}. {_REMEDY}"
            ) from error
        return QueryTokenizer(tokenizer, self.header.max_tokens)

    @cached_property
    def tag_vectors(self) -> Floats:
        """Unit vectors of the header's tags, of shape (n_tags, width)."""
        from safetensors.numpy import load_file

        path = self.folder / "tag_vectors.safetensors"
        try:
            vectors = load_file(path)["tag_vectors"]
        except Exception as error:  # a Rust error, OSError or KeyError
            raise DataFileError(f"{path} cannot be read: {error}. {_REMEDY}") from error
        self._check_size(path, len(vectors))
        return vectors.astype(np.float64)

    @cached_property
    def tag_rows(self) -> Mapping[str, int]:
        """Row of each tag in `tag_vectors`."""
        return {tag: row for row, tag in enumerate(self.header.tags)}

    def run(self, query: str) -> tuple[Floats, Floats]:
        """Run one query through the network on one thread.

        Args:
            query: Any text.

        Returns:
            Tag probabilities of shape (n_tags,) and the unit vector of the text, of shape (width,).
            Both are zeros for a text of which no character is known.
        """
        ids = self.tokenizer.ids(query)
        if all(token == self.header.unknown_token_id for token in ids[1:-1]):
            width = self._loaded().get_outputs()[1].shape[1]
            return np.zeros(len(self.header.tags)), np.zeros(width)
        feed = {"ids": np.array([ids], dtype=np.int64)}
        probabilities, vector = self._loaded().run(["probabilities", "vector"], feed)
        return probabilities[0].astype(np.float64), vector[0].astype(np.float64)

    def _loaded(self) -> "InferenceSession":
        if self._session is None:
            with self._lock:
                if self._session is None:
                    self._session = self._load()
        return self._session

    def _load(self) -> "InferenceSession":
        # Importing onnxruntime takes most of a second's tenth; routing with given tags needs none.
        from onnxruntime import InferenceSession, SessionOptions

        options = SessionOptions()
        # One query is too small to share between threads; several queries run side by side.
        options.intra_op_num_threads = 1
        options.inter_op_num_threads = 1
        options.log_severity_level = 3
        path = self.folder / "model.onnx"
        try:
            session = InferenceSession(str(path), options, providers=["CPUExecutionProvider"])
        except Exception as error:  # the library's own exceptions share no public base
            raise DataFileError(f"{path} cannot be loaded: {error}. {_REMEDY}") from error
        self._check_size(path, session.get_outputs()[0].shape[1])
        return session

    def _check_size(self, path: Path, found: int) -> None:
        if found != len(self.header.tags):
            raise DataFileError(
                f"{path} is made for {found} tags, generator.json has {len(self.header.tags)}. "
                f"{_REMEDY}"
            )

    def __getstate__(self) -> dict[str, Any]:
        """Leave locks and loaded parts behind, so that routers can be copied and pickled."""
        return {"folder": self.folder}

    def __setstate__(self, state: dict[str, Any]) -> None:
        """Start unloaded."""
        self.__init__(state["folder"])  # type: ignore[misc]
