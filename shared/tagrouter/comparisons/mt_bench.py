"""The importer of MT-Bench single ratings, as FastChat's judge writes them.

JSON lines, one rating each: ``question_id``, ``turn`` (1 or 2), ``model``, ``judge`` ([model,
template]), ``score`` (1 to 10, -1 where the judge gave none) and ``user_prompt``: what the judge
read, and the only place where the question stands. The query of a second turn is both questions.
"""

from collections.abc import Iterable, Iterator, Mapping
from dataclasses import dataclass, field
from itertools import chain
from pathlib import Path
from typing import Final

from tagrouter.comparisons.base import Skip
from tagrouter.comparisons.fields import number
from tagrouter.comparisons.members import member, query_of_turns, text_member
from tagrouter.comparisons.paths import files_in
from tagrouter.comparisons.ratings import Rated, RatedImporter
from tagrouter.comparisons.reading import read_json_lines
from tagrouter.errors import DataFileError, InvalidInputError

NO_RATING: Final = "the judge gave no rating"
"""Why a rating of -1, or null, is skipped."""

NO_QUESTION: Final = "the question cannot be told from the answers in what the judge read"
"""Why ratings are skipped of a query that no line shows clearly."""

_REMEDY: Final = "Give MT-Bench single ratings as FastChat's judge writes them."
_UNRATED: Final = -1.0
_SINGLE: Final = ("[Question]\n", "\n\n[The Start of ")
_TALK: Final = "<|The Start of Assistant A's Conversation with User|>"
_USER: Final = "\n\n### User:\n"
_ANSWER: Final = "\n\n### Assistant A:\n"


class MTBenchImporter(RatedImporter):
    """Reads single ratings; a model that one judge rated several times on a turn gets the mean."""

    def rated(self, path: Path) -> Iterator[Rated | Skip]:
        """Give the ratings of every question and turn.

        Args:
            path: The file, plain or gzipped, or a folder of ``*.jsonl``: models are often judged
                one a file.

        Yields:
            The ratings of a query by one judge, or a skip for a rating that cannot be used.

        Raises:
            DataFileError: If a file or a line of it cannot be read.
        """
        yield from read_judgments(files_in(path, "*.jsonl"))


@dataclass(slots=True)
class _Asked:
    """What one judge gave the models on one turn of one question."""

    place: str
    query: str | None = None
    ratings: dict[str, list[float]] = field(default_factory=dict)


def read_judgments(files: Iterable[Path]) -> Iterator[Rated | Skip]:
    """Collect the lines that rate the same turn of the same question.

    Args:
        files: Where the lines stand, plain or gzipped.

    Yields:
        The ratings of a query by one judge, or a skip for a rating that cannot be used.

    Raises:
        DataFileError: If a file or a line of it cannot be read.
    """
    groups: dict[tuple[str, int, str], _Asked] = {}
    for place, line in chain.from_iterable(map(read_json_lines, files)):
        turn = _turn(line, place)
        model = text_member(line, "model", place, _REMEDY)
        prompt = text_member(line, "user_prompt", place, _REMEDY)
        key = (_question_id(line, place), turn, _judge(line, place))
        asked = groups.setdefault(key, _Asked(place))
        _note_query(asked, _query(prompt, turn), place)
        score = _score(line, place)
        if score is None:
            yield Skip(NO_RATING)
        else:
            asked.ratings.setdefault(model, []).append(score)
    for asked in groups.values():
        if asked.query is None:
            yield from [Skip(NO_QUESTION)] * len(asked.ratings)
        elif asked.ratings:
            ratings = {model: sum(given) / len(given) for model, given in asked.ratings.items()}
            yield Rated(asked.place, asked.query, ratings)


def _note_query(asked: _Asked, query: str | None, place: str) -> None:
    if asked.query is None:
        asked.query = query
    elif query is not None and query != asked.query:
        raise DataFileError(
            f"{place}: another question than at {asked.place}, which has the same 'question_id' "
            "and 'turn'. Import files of different question sets one by one."
        )


def _query(prompt: str, turn: int) -> str | None:
    """Take the user's turns out of what the judge read; None where an answer blurs them."""
    if turn == 1:
        before, after = _SINGLE
        _, _, rest = prompt.partition(before)
        question, found, _ = rest.partition(after)
        return question if found and question.strip() else None
    _, _, talk = prompt.partition(_TALK)
    if talk.count(_USER) != 2 or talk.count(_ANSWER) != 2:
        return None
    turns = [part.partition(_ANSWER)[0] for part in talk.split(_USER)[1:]]
    return query_of_turns(turns) if all(turn.strip() for turn in turns) else None


def _turn(line: Mapping[str, object], place: str) -> int:
    turn = member(line, "turn", place, _REMEDY)
    if isinstance(turn, bool) or turn not in (1, 2):
        raise DataFileError(f"{place}: 'turn' is {turn!r:.80}, not 1 or 2. {_REMEDY}")
    return 1 if turn == 1 else 2


def _question_id(line: Mapping[str, object], place: str) -> str:
    value = member(line, "question_id", place, _REMEDY)
    if isinstance(value, bool) or not isinstance(value, int | str):
        raise DataFileError(f"{place}: 'question_id' is neither a number nor a text. {_REMEDY}")
    return str(value)


def _judge(line: Mapping[str, object], place: str) -> str:
    """Name the model that judged; which template it read differs by question and turn."""
    judge = member(line, "judge", place, _REMEDY)
    name = judge[0] if isinstance(judge, list) and judge else judge
    if not isinstance(name, str) or not name.strip():
        raise DataFileError(f"{place}: 'judge' is not a list [model, template]. {_REMEDY}")
    return name


def _score(line: Mapping[str, object], place: str) -> float | None:
    value = member(line, "score", place, _REMEDY)
    if value is None:
        return None
    try:
        score = number(value, "'score'")
    except InvalidInputError as error:
        raise DataFileError(f"{place}: {error}") from error
    return None if score == _UNRATED else score
