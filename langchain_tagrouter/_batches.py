"""Running the calls of a batch: in threads or tasks, at most `max_concurrency` at a time."""

from collections.abc import Awaitable, Callable, Sequence
from typing import TypeVar, cast

from langchain_core.runnables import RunnableConfig
from langchain_core.runnables.config import get_executor_for_config
from langchain_core.runnables.utils import gather_with_concurrency

Result = TypeVar("Result")


def batch_calls(
    call: Callable[[int], Result], configs: Sequence[RunnableConfig], return_exceptions: bool
) -> list[Result]:
    """Run a call per config in a thread pool.

    Args:
        call: Takes the position in the batch.
        configs: One for each call; the first one's `max_concurrency` counts, as in LangChain.
        return_exceptions: Give a call's exception in place of its result.

    Returns:
        The results, in order.
    """

    def guarded(index: int) -> Result | Exception:
        try:
            return call(index)
        except Exception as error:
            if not return_exceptions:
                raise
            return error

    if len(configs) <= 1:
        return cast(list[Result], [guarded(index) for index in range(len(configs))])
    with get_executor_for_config(configs[0]) as executor:
        return cast(list[Result], list(executor.map(guarded, range(len(configs)))))


async def abatch_calls(
    call: Callable[[int], Awaitable[Result]],
    configs: Sequence[RunnableConfig],
    return_exceptions: bool,
) -> list[Result]:
    """Do the same as `batch_calls` with tasks."""

    async def guarded(index: int) -> Result | Exception:
        try:
            return await call(index)
        except Exception as error:
            if not return_exceptions:
                raise
            return error

    if not configs:
        return []
    limit = configs[0].get("max_concurrency")
    return await gather_with_concurrency(limit, *(guarded(i) for i in range(len(configs))))
