"""Asking a chat model until it answers in the right form: one body, waiting or not."""

import asyncio
import time
from collections.abc import Callable
from dataclasses import dataclass
from typing import Final, Generic, TypeVar

from tenacity import (
    AsyncRetrying,
    RetryCallState,
    Retrying,
    retry_if_exception,
    stop_after_attempt,
    wait_exponential_jitter,
)

from tagrouter.chat import ChatMessage, ChatModel
from tagrouter.errors import InvalidInputError, TagRouterError
from tagrouter.records import is_number

T = TypeVar("T")

_MAX_WAIT_S: Final = 60.0
_SHOWN_CHARS: Final = 200
_TRANSIENT_STATUSES: Final = frozenset({408, 409, 425, 429})
_SERVER_ERRORS_FROM: Final = 500
# They say that a call is wrong, not that it went wrong: the next one would fail as well.
_LASTING: Final = (
    TagRouterError,
    ImportError,
    TypeError,
    AttributeError,
    NameError,
    AssertionError,
    NotImplementedError,
)


class ChatAnswerError(TagRouterError):
    """A chat model answered, and the answer does not have the form that was asked for."""


@dataclass(frozen=True, slots=True)
class Question(Generic[T]):
    """What is asked, and how the answer is read.

    Attributes:
        messages: The chat, ending with the user.
        read: Answer -> value; raises `ChatAnswerError` on an answer of another form.
        repair: What the model is told after such an answer.
    """

    messages: tuple[ChatMessage, ...]
    read: Callable[[str], T]
    repair: str

    def after(self, answer: str) -> tuple[ChatMessage, ...]:
        """Give the chat that asks again: the same messages would bring the same answer."""
        if not answer.strip():  # providers refuse empty messages
            return self.messages
        told = ChatMessage("user", self.repair)
        return (*self.messages, ChatMessage("assistant", answer), told)


@dataclass(frozen=True, slots=True)
class Retries:
    """How failed calls are repeated.

    Attributes:
        n: Further tries after the first.
        wait_s: Seconds before the second try after an error of transport, doubled for each further
            one up to a minute, with jitter. After an unreadable answer there is no wait.
        sleep: Called instead of sleeping; for tests.
    """

    n: int = 3
    wait_s: float = 1.0
    sleep: Callable[[float], object] | None = None

    def __post_init__(self) -> None:
        """Check the numbers.

        Raises:
            InvalidInputError: If they cannot be used.
        """
        if not isinstance(self.n, int) or isinstance(self.n, bool) or self.n < 0:
            raise InvalidInputError(f"Retries are counted from 0; {self.n!r} came.")
        if not is_number(self.wait_s) or self.wait_s < 0:
            raise InvalidInputError(f"wait_s is {self.wait_s!r}; give seconds, 0 or more.")

    def wait(self, state: RetryCallState) -> float:
        """Tell how long to wait after a try, in seconds."""
        if state.outcome and isinstance(state.outcome.exception(), ChatAnswerError):
            return 0.0
        backoff = wait_exponential_jitter(initial=self.wait_s, max=_MAX_WAIT_S, jitter=self.wait_s)
        return backoff(state)

    def pause(self, seconds: float) -> None:
        """Sleep."""
        (self.sleep or time.sleep)(seconds)

    async def apause(self, seconds: float) -> None:
        """Sleep without blocking the event loop."""
        if self.sleep is None:
            await asyncio.sleep(seconds)
        else:
            self.sleep(seconds)


def ask(chat_model: ChatModel, question: Question[T], retries: Retries) -> T:
    """Ask a chat model until it answers in the right form.

    Args:
        chat_model: Who is asked.
        question: What is asked.
        retries: How often.

    Returns:
        What `question.read` made of the answer.

    Raises:
        ChatAnswerError: If the last answer could not be read.
        Exception: What the chat model raised last.
    """
    talk = _Talk(question)
    retrying = Retrying(
        sleep=retries.pause,
        stop=stop_after_attempt(retries.n + 1),
        wait=retries.wait,
        retry=retry_if_exception(is_worth_retrying),
        reraise=True,
    )
    return retrying(lambda: talk.read(chat_model.chat(talk.messages)))


async def aask(chat_model: ChatModel, question: Question[T], retries: Retries) -> T:
    """Do the same as `ask` without blocking the event loop."""
    talk = _Talk(question)
    retrying = AsyncRetrying(
        sleep=retries.apause,
        stop=stop_after_attempt(retries.n + 1),
        wait=retries.wait,
        retry=retry_if_exception(is_worth_retrying),
        reraise=True,
    )

    async def attempt() -> T:
        return talk.read(await chat_model.achat(talk.messages))

    return await retrying(attempt)


def is_worth_retrying(error: BaseException) -> bool:
    """Tell whether the same call may succeed next time.

    Providers share no error class. Most errors carry an HTTP status: timeouts, conflicts, rate
    limits and the server's own failures pass, refusals (wrong key, wrong request) do not. An error
    without a status is taken for one of transport, unless its class says that the call is wrong.

    Args:
        error: What a call raised.

    Returns:
        Whether to try again.
    """
    if isinstance(error, ChatAnswerError):
        return True
    if not isinstance(error, Exception) or isinstance(error, _LASTING):
        return False
    status = _http_status(error)
    return status is None or status in _TRANSIENT_STATUSES or status >= _SERVER_ERRORS_FROM


def _http_status(error: Exception) -> int | None:
    """Look where clients keep it: openai and anthropic; httpx and requests; aiohttp; Google."""
    response = getattr(error, "response", None)
    candidates = (
        getattr(error, "status_code", None),
        getattr(response, "status_code", None),
        getattr(error, "status", None),
        getattr(error, "code", None),
    )
    return next((int(status) for status in candidates if isinstance(status, int)), None)


class _Talk(Generic[T]):
    """The state of one question between tries."""

    def __init__(self, question: Question[T]) -> None:
        self.question = question
        self.messages = question.messages

    def read(self, answer: object) -> T:
        if not isinstance(answer, str):
            raise InvalidInputError(
                f"A chat model's chat() returns the answer as str; {type(answer).__name__} came. "
                "Wrap framework models: LangChainChatModel(model), LlamaIndexChatModel(llm)."
            )
        try:
            return self.question.read(answer)
        except ChatAnswerError:
            self.messages = self.question.after(answer)
            raise


def shortened(answer: str) -> str:
    """Quote the beginning of an answer, for messages.

    Args:
        answer: The whole answer.

    Returns:
        At most 200 characters of it, quoted.
    """
    return repr(answer if len(answer) <= _SHOWN_CHARS else f"{answer[:_SHOWN_CHARS]}...")
