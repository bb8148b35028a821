"""The importer of AlpacaEval: its own annotation files, and the one-form file made of them.

Three layouts, told apart by what is there:

- an ``annotations.json``: a list with one judged pair an item. ``preference`` runs from 1
  (``output_1``, the reference model's, is better) to 2 (``output_2`` is): version 2 gives
  1 + P(output_2 preferred), version 1 gives 1, 2, or 1.5 for a tie, in old files 0 for a tie;
- a results folder: ``<model>/<annotator>/annotations.json``;
- JSON lines, one query each, with ``query``, ``reference``, ``preference`` {model: probability}.
"""

from collections.abc import Collection, Iterator
from dataclasses import dataclass
from pathlib import Path
from typing import Final

from tagrouter.comparisons.base import NOT_ASKED_FOR, WITH_ITSELF, Importer, Row, Skip
from tagrouter.comparisons.fields import number
from tagrouter.comparisons.members import member, text_member
from tagrouter.comparisons.reading import first_character, read_json_lines, read_json_list
from tagrouter.errors import DataFileError, InvalidInputError, UnknownNameError

NO_PREFERENCE: Final = "the annotator gave no preference"
"""Why a judgment is skipped whose preference is null."""

OTHER_ANNOTATOR: Final = "an annotator that was not asked for"
"""Why a judgment is skipped that `annotator` leaves out."""

_REMEDY: Final = "Give AlpacaEval annotations, a results folder or the one-form file."
_FLOAT_NOISE: Final = 1e-6
"""How far beyond its range a sum of token probabilities may end up."""

_FOLDER_PATTERNS: Final = ("annotations.json", "*/annotations.json", "*/*/annotations.json")


class AlpacaEvalImporter(Importer):
    """Reads AlpacaEval annotations, version 1 and 2, and the one-form file.

    Results folders hold several annotators with several reference models: name the `annotator` to
    get comparisons with one reference model, such as "weighted_alpaca_eval_gpt4_turbo" (version 2).
    """

    def __init__(
        self, *, models: Collection[str] | None = None, annotator: str | None = None
    ) -> None:
        """Choose what to take.

        Args:
            models: The models to take; all where not given.
            annotator: The annotator to take; all where not given. One-form files name none.
        """
        self.models = models
        self.annotator = annotator

    def rows(self, path: Path) -> Iterator[Row | Skip]:
        """Find every judged pair.

        Args:
            path: An annotation file, a results folder or a one-form file.

        Yields:
            A row for each judgment asked for, a skip for each other.

        Raises:
            DataFileError: If a file is not in one of the three layouts.
            UnknownNameError: If a model or the annotator asked for does not occur.
        """
        names = _Names()
        for pair in _pairs(path):
            names.note(pair)
            yield self._judgment(pair)
        names.require(self.models, self.annotator, path)

    def _judgment(self, pair: "_Pair") -> Row | Skip:
        if self.models is not None and pair.model not in self.models:
            return Skip(NOT_ASKED_FOR)
        if self.annotator is not None and pair.annotator != self.annotator:
            return Skip(OTHER_ANNOTATOR)
        if pair.preference is None:
            return Skip(NO_PREFERENCE)
        if pair.model == pair.reference_model:
            return Skip(WITH_ITSELF)
        fields = {
            "id": pair.id,
            "query": pair.query,
            "model": pair.model,
            "reference_model": pair.reference_model,
            "preference": pair.preference,
        }
        return Row(pair.place, fields)


@dataclass(frozen=True, slots=True)
class _Pair:
    """One judged pair of answers, whichever layout it comes from."""

    place: str
    query: str
    model: str
    reference_model: str
    preference: float | None
    annotator: str | None = None
    id: str | None = None


class _Names:
    """The names that occur, to tell a misspelled one from one without judgments."""

    def __init__(self) -> None:
        self.models: set[str] = set()
        self.annotators: set[str] = set()

    def note(self, pair: _Pair) -> None:
        self.models.add(pair.model)
        if pair.annotator is not None:
            self.annotators.add(pair.annotator)

    def require(self, models: Collection[str] | None, annotator: str | None, path: Path) -> None:
        remedy = f"Name what occurs in {path}."
        for model in sorted(set(models or ()) - self.models):
            raise UnknownNameError.of("model", model, self.models, remedy)
        if annotator is not None and annotator not in self.annotators:
            raise UnknownNameError.of("annotator", annotator, self.annotators, remedy)


def _pairs(path: Path) -> Iterator[_Pair]:
    if path.is_dir():
        for file in _annotation_files(path):
            yield from _annotated_pairs(file)
    elif first_character(path) == "[":
        yield from _annotated_pairs(path)
    else:
        yield from _one_form_pairs(path)


def _annotation_files(folder: Path) -> list[Path]:
    files = [file for pattern in _FOLDER_PATTERNS for file in sorted(folder.glob(pattern))]
    if not files:
        raise DataFileError(
            f"No annotations in the folder {folder}. "
            "Give AlpacaEval's results folder: <model>/<annotator>/annotations.json."
        )
    return files


def _annotated_pairs(file: Path) -> Iterator[_Pair]:
    for place, item in read_json_list(file):
        yield _Pair(
            place,
            query=text_member(item, "instruction", place, _REMEDY),
            model=text_member(item, "generator_2", place, _REMEDY),
            reference_model=text_member(item, "generator_1", place, _REMEDY),
            preference=_share(member(item, "preference", place, _REMEDY), place, lowest=1.0),
            annotator=text_member(item, "annotator", place, _REMEDY),
        )


def _one_form_pairs(file: Path) -> Iterator[_Pair]:
    for place, line in read_json_lines(file):
        query = text_member(line, "query", place, _REMEDY)
        reference_model = text_member(line, "reference", place, _REMEDY)
        identity = text_member(line, "id", place, _REMEDY)
        preferences = member(line, "preference", place, _REMEDY)
        if not isinstance(preferences, dict) or not preferences:
            raise DataFileError(
                f"{place}: 'preference' is not an object of at least one model. It must be like "
                '{"claude-2.1": 0.31}.'
            )
        for model, preference in preferences.items():
            yield _Pair(
                place,
                query,
                model,
                reference_model,
                _share(preference, f"{place}: model {model!r}", lowest=0.0),
                id=f"{identity}/{model}",
            )


def _share(value: object, place: str, *, lowest: float) -> float | None:
    """Read a preference that runs from `lowest` to `lowest` + 1 as one from 0 to 1."""
    if value is None:
        return None
    try:
        given = number(value, "'preference'")
    except InvalidInputError as error:
        raise DataFileError(f"{place}: {error}") from error
    if given == 0.0 and lowest == 1.0:
        return 0.5  # how early annotation files write a tie
    share = given - lowest
    if not -_FLOAT_NOISE <= share <= 1.0 + _FLOAT_NOISE:
        raise DataFileError(
            f"{place}: 'preference' is {given!r}, not between {lowest:g} and {lowest + 1.0:g}. "
            "Give an AlpacaEval file as it is published."
        )
    return min(1.0, max(0.0, share))
