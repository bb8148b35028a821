"""Tags by any chat model: slower and dearer than the shipped network, and a teacher for one."""

import asyncio
import hashlib
import logging
import threading
from collections.abc import Callable, Iterator, Sequence
from concurrent.futures import ThreadPoolExecutor
from contextlib import contextmanager
from contextvars import copy_context
from functools import cache
from pathlib import Path
from typing import Any, Final, Literal, get_args
from weakref import WeakKeyDictionary

from tagrouter.chat import ChatModel, check_chat_model
from tagrouter.chat_retries import Retries, aask, ask
from tagrouter.errors import DataFileError, InvalidInputError, TagGeneratorError
from tagrouter.network import GeneratorHeader, shipped_generator
from tagrouter.records import QueryTags
from tagrouter.tags.base import TagGenerator, check_query
from tagrouter.tags.prompted_cache import TagCache
from tagrouter.tags.prompted_prompt import EXAMPLES, FewShotPrompt, TagExample

OnFailure = Literal["raise", "no_tags"]

N_SUGGESTED: Final = 200
"""Three quarters of all tags given in the corpus are of its 200 most frequent ones."""

_logger = logging.getLogger(__name__)


class PromptedGenerator(TagGenerator):
    """Asks a chat model for the tags; every tag has weight 1 and is reported.

    Answers are kept, so that a query is paid for once. If a query of a batch fails, the answers to
    the others are kept all the same: calling again asks for the rest only.

    Args:
        chat_model: Who is asked. `langchain_tagrouter.LangChainChatModel`,
            `llamaindex_tagrouter.LlamaIndexChatModel` and `tagrouter.chat.FunctionChatModel` make
            one of what you have.
        tags: Names to suggest, most useful first; the shipped generator's most frequent ones by
            default. With tags of your own, give `examples` of your own too.
        examples: Queries with their tags that the model is shown.
        retries: Further tries after an error of transport, or an answer without tags.
        wait_s: Seconds before the second try after an error of transport; doubled for each further
            one up to a minute, with jitter.
        on_failure: "raise": after the last try, no further call is started and the error is
            raised. "no_tags": the query gets no tags, which sends it to the profile's default
            model; that is logged as a warning and not kept.
        max_concurrency: Most calls at a time; threads and each event loop are counted separately.
        cache_size: Most queries kept in memory.
        cache_file: A file that answers are appended to as they come, and from which a later run
            goes on. It holds the queries, and can be read as a tag corpus.
        sleep: Called with the seconds to wait, instead of sleeping; for tests.
    """

    name = "prompted"

    def __init__(
        self,
        chat_model: ChatModel | None = None,
        *,
        tags: Sequence[str] | None = None,
        examples: Sequence[TagExample] = EXAMPLES,
        retries: int = 3,
        wait_s: float = 1.0,
        on_failure: OnFailure = "raise",
        max_concurrency: int = 8,
        cache_size: int = 10_000,
        cache_file: str | Path | None = None,
        sleep: Callable[[float], object] | None = None,
    ) -> None:
        self.chat_model = check_chat_model(chat_model, "The tag generator 'prompted'")
        if on_failure not in get_args(OnFailure):
            raise InvalidInputError(f"on_failure is 'raise' or 'no_tags', not {on_failure!r}.")
        if not isinstance(max_concurrency, int) or max_concurrency < 1:
            raise InvalidInputError(f"max_concurrency is 1 or more, not {max_concurrency!r}.")
        self.prompt = FewShotPrompt(suggested_tags() if tags is None else tags, examples)
        self.retries = Retries(retries, wait_s, sleep)
        self.on_failure = on_failure
        self.max_concurrency = max_concurrency
        self.cache = TagCache(
            self.fingerprint, size=cache_size, path=Path(cache_file) if cache_file else None
        )
        self._slots = _Slots(max_concurrency)

    @property
    def fingerprint(self) -> str:
        """Changes with the prompt and with the chat model's name."""
        made_of = f"{self.prompt.fingerprint}\n{self.chat_model.name}"
        return hashlib.sha256(made_of.encode("utf-8", "surrogatepass")).hexdigest()[:8]

    @property
    def version(self) -> str:  # type: ignore[override]
        """Changes whenever the same query may get other tags."""
        return f"1-{self.fingerprint}"

    async def agenerate(self, queries: Sequence[str]) -> list[QueryTags]:
        """Do the same as `generate` through the chat model's own async calls."""
        texts = _checked(queries)
        # The file may be long: reading it would hold up the loop.
        batch = (
            self._begin(texts) if self.cache.loaded else await asyncio.to_thread(self._begin, texts)
        )
        async with asyncio.TaskGroup() as group:
            for query in batch.wanted:
                group.create_task(self._aanswer(batch, query))
        return self._end(texts, batch)

    def _generate(self, queries: Sequence[str]) -> list[QueryTags]:
        batch = self._begin(queries)
        if len(batch.wanted) == 1:
            self._answer(batch, batch.wanted[0])
        elif batch.wanted:
            self._answer_all(batch)
        return self._end(queries, batch)

    def _answer_all(self, batch: "_Batch") -> None:
        pool = ThreadPoolExecutor(min(self.max_concurrency, len(batch.wanted)))
        try:
            # In the caller's context, so that tracing finds its parent.
            for call in [
                pool.submit(copy_context().run, self._answer, batch, query)
                for query in batch.wanted
            ]:
                call.result()
        finally:  # an interrupt leaves calls that were not started
            pool.shutdown(cancel_futures=True)

    def _answer(self, batch: "_Batch", query: str) -> None:
        with self._slots.of_threads, batch.attempt(query) as wanted:
            if wanted:
                batch.keep(query, ask(self.chat_model, self.prompt.question(query), self.retries))

    async def _aanswer(self, batch: "_Batch", query: str) -> None:
        async with self._slots.of_this_loop():
            with batch.attempt(query) as wanted:
                if wanted:
                    question = self.prompt.question(query)
                    batch.keep(query, await aask(self.chat_model, question, self.retries))

    def _begin(self, queries: Sequence[str]) -> "_Batch":
        try:
            return _Batch(queries, self.cache, self.on_failure)
        except DataFileError as error:
            raise TagGeneratorError(str(error)) from error

    def _end(self, queries: Sequence[str], batch: "_Batch") -> list[QueryTags]:
        n_missing = len(batch.wanted) - sum(query in batch.found for query in batch.wanted)
        if n_missing and (batch.stopped or self.on_failure == "raise"):
            raise self._failure(batch, n_missing)
        for error in batch.errors:
            _logger.warning(
                "A query gets no tags: chat model %r failed with %s: %s",
                self.chat_model.name,
                type(error).__name__,
                error,
            )
        return [QueryTags.of_names(batch.found.get(query, ())) for query in queries]

    def _failure(self, batch: "_Batch", n_missing: int) -> Exception:
        lasting = [error for error in batch.errors if isinstance(error, _NEVER_WRAPPED)]
        if lasting:
            return lasting[0]
        first = batch.errors[0] if batch.errors else asyncio.CancelledError("cancelled from within")
        error = TagGeneratorError(
            f"{n_missing} of {len(batch.wanted)} queries have no tags: chat model "
            f"{self.chat_model.name!r} failed with {type(first).__name__}: {first} "
            "Calling again asks for what is not in the cache; on_failure='no_tags' goes on without."
        )
        several = len(batch.errors) > 1
        error.__cause__ = ExceptionGroup("Failed calls", batch.errors) if several else first
        return error

    def __repr__(self) -> str:
        """Show what is configured, nothing of the chat model but its name."""
        return (
            f"PromptedGenerator(chat_model={self.chat_model.name!r}, "
            f"on_failure={self.on_failure!r}, version={self.version!r})"
        )


@cache
def suggested_tags() -> tuple[str, ...]:
    """Return the most frequent tags of the shipped generator's vocabulary."""
    return GeneratorHeader.read(shipped_generator() / "generator.json").tags[:N_SUGGESTED]


_NEVER_WRAPPED: Final = (ImportError, InvalidInputError)
# No answer of a model: leaving tags away would hide that the call or the disk is at fault.
_NEVER_IGNORED: Final = (*_NEVER_WRAPPED, DataFileError)


class _Batch:
    """The queries of one call on their way. Used by several threads at once.

    Attributes:
        found: Tags of the queries that have them.
        wanted: Queries to ask for, each once.
        errors: What went wrong.
        stopped: Whether to start no further call.
    """

    def __init__(self, queries: Sequence[str], cache: TagCache, on_failure: OnFailure) -> None:
        self._cache = cache
        self._on_failure = on_failure
        self.found: dict[str, tuple[str, ...]] = {}
        self.wanted: list[str] = []
        self.errors: list[Exception] = []
        self.stopped = False
        for query in dict.fromkeys(queries):
            known = cache.get(query) if query.strip() else ()
            if known is None:
                self.wanted.append(query)
            else:
                self.found[query] = known

    @contextmanager
    def attempt(self, query: str) -> Iterator[bool]:
        """Take an error down instead of raising it; yield whether the query is still wanted."""
        try:
            yield not self.stopped and query not in self.found
        except Exception as error:
            if self._on_failure == "raise" or isinstance(error, _NEVER_IGNORED):
                self.stopped = True
            self.errors.append(error)

    def keep(self, query: str, tags: tuple[str, ...]) -> None:
        """Take an answer, here and in the cache."""
        self._cache.put(query, tags)
        self.found[query] = tags


class _Slots:
    """Bounds calls at a time. Event loops cannot share a semaphore, so each has its own."""

    def __init__(self, n: int) -> None:
        self._n = n
        self.of_threads = threading.BoundedSemaphore(n)
        self._lock = threading.Lock()
        self._of_loops: WeakKeyDictionary[asyncio.AbstractEventLoop, asyncio.Semaphore] = (
            WeakKeyDictionary()
        )

    def of_this_loop(self) -> asyncio.Semaphore:
        """Return the semaphore of the running event loop."""
        with self._lock:
            loop = asyncio.get_running_loop()
            return self._of_loops.setdefault(loop, asyncio.Semaphore(self._n))

    def __reduce__(self) -> tuple[Any, ...]:
        """Copy the number; who waits where belongs to this object."""
        return (_Slots, (self._n,))


def _checked(queries: Sequence[str]) -> list[str]:
    """Check what `agenerate` is given as `generate` does."""
    if isinstance(queries, str | bytes):
        raise InvalidInputError(
            f"agenerate() takes a list of queries and got one {type(queries).__name__}. "
            "Put it into a list."
        )
    return [check_query(query) for query in queries]
