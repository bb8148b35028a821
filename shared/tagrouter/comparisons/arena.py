"""The importer of battles as Chatbot Arena holds them: two models, and which one was better.

CSV, a JSON list, or JSON lines, with ``model_a`` and ``model_b``, and

- which won: ``winner`` ("model_a", "model_b", "tie", "tie (bothbad)" or "both_bad"), or one of
  ``winner_model_a``, ``winner_model_b``, ``winner_tie`` being 1;
- what was asked: ``prompt`` or ``query`` (a text, or a list of the user's turns, in JSON), or
  ``conversation_a`` (``role`` and ``content`` of every message);
- optionally ``id`` or ``question_id``, ``turn`` and ``judge``, which together tell two votes on one
  query apart. Without any of them the same models on the same query count once.
"""

import json
from collections.abc import Collection, Iterator, Mapping
from pathlib import Path
from typing import Final

from tagrouter.comparisons.base import NOT_ASKED_FOR, WITH_ITSELF, Importer, Row, Skip
from tagrouter.comparisons.members import member, query_of_turns, text_member
from tagrouter.comparisons.paths import named_csv
from tagrouter.comparisons.reading import (
    first_character,
    read_csv,
    read_json_lines,
    read_json_list,
)
from tagrouter.errors import DataFileError, UnknownNameError
from tagrouter.records import Outcome

WITHOUT_REFERENCE: Final = "a battle without the reference model, unused"
"""Why a battle is skipped between two other models."""

NO_WINNER: Final = "nobody voted"
"""Why a battle is skipped whose winner is blank."""

NO_QUERY: Final = "the query is blank"
"""Why a battle is skipped in which nothing was asked."""

_REMEDY: Final = (
    "Give battles with model_a, model_b, winner (or winner_model_a, winner_model_b, winner_tie) "
    "and prompt (or conversation_a)."
)
_TIES: Final = ("tie", "tie (bothbad)", "both_bad")
_WINNERS: Final = ("model_a", "model_b", *_TIES)
_FLAGS: Final = ("winner_model_a", "winner_model_b", "winner_tie")
_RAISED: Final = ("1", "1.0", "true")
_LOWERED: Final = ("0", "0.0", "false")
_IDENTITY: Final = ("turn", "judge")


class ArenaImporter(Importer):
    """Reads battles; those of the reference model become comparisons seen from the other model.

    Battles between two other models say nothing about the reference model by themselves: they are
    reported as unused.
    """

    def __init__(self, reference_model: str, *, models: Collection[str] | None = None) -> None:
        """Choose the reference model.

        Args:
            reference_model: The model that all others are compared with.
            models: The models to compare with it; all where not given.
        """
        self.reference_model = reference_model
        self.models = models

    def rows(self, path: Path) -> Iterator[Row | Skip]:
        """Find every battle.

        Args:
            path: The file, plain or gzipped.

        Yields:
            A row for each battle of the reference model, a skip for each other.

        Raises:
            DataFileError: If the file or a record of it cannot be read.
            UnknownNameError: If a model asked for is in no battle.
        """
        known: set[str] = set()
        for place, record in _records(path):
            pair = (
                text_member(record, "model_a", place, _REMEDY),
                text_member(record, "model_b", place, _REMEDY),
            )
            known.update(pair)
            yield self._judgment(record, pair, place)
        for kind, names in (
            ("reference model", {self.reference_model}),
            ("model", set(self.models or ())),
        ):
            for name in sorted(names - known):
                raise UnknownNameError.of(kind, name, known, f"No battle of {path} has it.")

    def _judgment(
        self, record: Mapping[str, object], pair: tuple[str, str], place: str
    ) -> Row | Skip:
        # Winner and query are read first: what is broken is refused, whoever the models are.
        outcome = _outcome_of_a(record, place)
        query = _query(record, place)
        identity = _identity(record, place)
        if self.reference_model not in pair:
            return Skip(WITHOUT_REFERENCE)
        if pair[0] == pair[1]:
            return Skip(WITH_ITSELF)
        model = pair[0] if pair[1] == self.reference_model else pair[1]
        if self.models is not None and model not in self.models:
            return Skip(NOT_ASKED_FOR)
        if outcome is None:
            return Skip(NO_WINNER)
        if not query.strip():
            return Skip(NO_QUERY)
        fields = {
            "id": None if identity is None else f"{identity}/{model}/{self.reference_model}",
            "query": query,
            "model": model,
            "reference_model": self.reference_model,
            "outcome": outcome if model == pair[0] else _mirrored(outcome),
        }
        return Row(place, fields)


def _records(path: Path) -> Iterator[tuple[str, Mapping[str, object]]]:
    if named_csv(path):
        yield from read_csv(path, numbered=True)
    elif first_character(path) == "[":
        yield from read_json_list(path)
    else:
        yield from read_json_lines(path)


def _outcome_of_a(record: Mapping[str, object], place: str) -> Outcome | None:
    """Read who won, seen from model_a; None where nobody voted."""
    winner = record["winner"] if "winner" in record else _flagged(record, place)
    if winner is None or winner == "":
        return None
    if winner not in _WINNERS:
        raise DataFileError(
            f"{place}: 'winner' is {winner!r:.80}; it must be one of {', '.join(_WINNERS)}."
        )
    if winner in _TIES:
        return Outcome.TIE
    return Outcome.WIN if winner == "model_a" else Outcome.LOSS


def _flagged(record: Mapping[str, object], place: str) -> str:
    given = {flag: str(member(record, flag, place, _REMEDY)).strip().lower() for flag in _FLAGS}
    raised = [flag for flag, value in given.items() if value in _RAISED]
    if len(raised) != 1 or not all(value in _RAISED + _LOWERED for value in given.values()):
        raise DataFileError(
            f"{place}: {', '.join(f'{flag} is {value!r:.40}' for flag, value in given.items())}; "
            "one of them must be 1 and the others 0."
        )
    return raised[0].removeprefix("winner_")


def _mirrored(outcome: Outcome) -> Outcome:
    return {Outcome.WIN: Outcome.LOSS, Outcome.LOSS: Outcome.WIN}.get(outcome, outcome)


def _identity(record: Mapping[str, object], place: str) -> str | None:
    name = next((key for key in ("id", "question_id") if record.get(key) not in (None, "")), None)
    if name is None:
        return None
    parts = [record[name], *(record[key] for key in _IDENTITY if record.get(key) is not None)]
    if not all(isinstance(part, int | str | list) for part in parts):
        raise DataFileError(
            f"{place}: {name!r}, 'turn' and 'judge' make a battle's id; they must be texts or "
            "whole numbers."
        )
    return "/".join(part if isinstance(part, str) else json.dumps(part) for part in parts)


def _query(record: Mapping[str, object], place: str) -> str:
    for key in ("prompt", "query"):
        if key in record:
            return query_of_turns(_turns(record[key], f"{place}: {key!r}"))
    talk = _decoded(member(record, "conversation_a", place, _REMEDY))
    if not isinstance(talk, list) or not all(isinstance(said, dict) for said in talk):
        raise DataFileError(
            f"{place}: 'conversation_a' is not a list of messages in JSON, each with 'role' and "
            "'content'. Write the battles as JSON lines."
        )
    asked = [said.get("content") for said in talk if said.get("role") == "user"]
    turn = record.get("turn")
    # Where a vote is on the first turn only, the conversation may hold later ones.
    judged = turn if isinstance(turn, int) and turn > 0 else len(asked)
    return query_of_turns(_turns(asked[:judged], f"{place}: 'content'"))


def _turns(value: object, place: str) -> list[str]:
    """Give the user's turns of a text, a list, or a list written out as JSON; null says nothing."""
    decoded = _decoded(value)
    turns = decoded if isinstance(decoded, list) else [decoded]
    texts = [turn for turn in turns if isinstance(turn, str)]
    if len(texts) + turns.count(None) == len(turns):
        return texts
    if isinstance(value, str):  # a query that happens to be a JSON list of something else
        return [value]
    raise DataFileError(f"{place} is neither a text nor a list of texts. {_REMEDY}")


def _decoded(value: object) -> object:
    if not isinstance(value, str) or not value.lstrip().startswith("["):
        return value
    try:
        decoded = json.loads(value)
    except (ValueError, RecursionError):
        return value
    return decoded if isinstance(decoded, list) else value
