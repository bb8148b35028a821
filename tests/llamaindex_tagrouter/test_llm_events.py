"""One call, one pair of events: a router adds its span and nothing else."""

import pytest

pytest.importorskip("llama_index.core")

import llama_index.core.instrumentation as instrument
from llama_index.core.base.llms.types import ChatMessage
from llama_index.core.callbacks import CallbackManager, TokenCountingHandler
from llama_index.core.instrumentation.event_handlers import BaseEventHandler
from llama_index.core.instrumentation.events.llm import (
    LLMChatEndEvent,
    LLMChatStartEvent,
    LLMPredictStartEvent,
)
from llama_index.core.instrumentation.span_handlers import SimpleSpanHandler
from llama_index.core.prompts import PromptTemplate

from tests.llamaindex_tagrouter.builders import POEM, make_llm, scripted, user


class EventKeeper(BaseEventHandler):
    kept: list = []  # noqa: RUF012 - a pydantic field, copied per instance

    def handle(self, event, **kwargs):
        self.kept.append(event)

    def of(self, kind):
        return [event for event in self.kept if type(event) is kind]


@pytest.fixture
def events():
    dispatcher = instrument.get_dispatcher()
    keeper = EventKeeper()
    dispatcher.add_event_handler(keeper)
    yield keeper
    dispatcher.event_handlers.remove(keeper)


@pytest.fixture
def spans():
    dispatcher = instrument.get_dispatcher()
    handler = SimpleSpanHandler()
    dispatcher.add_span_handler(handler)
    yield handler
    dispatcher.span_handlers.remove(handler)


def test_one_chat_is_one_pair_of_events_from_the_candidate(events):
    make_llm().chat([user(POEM)])
    assert len(events.of(LLMChatStartEvent)) == 1
    assert [str(e.response) for e in events.of(LLMChatEndEvent)] == ["assistant: small says hi"]


async def test_one_async_stream_is_one_pair_of_events(events):
    async for _ in await make_llm().astream_chat([user(POEM)]):
        pass
    assert len(events.of(LLMChatStartEvent)) == len(events.of(LLMChatEndEvent)) == 1


def test_one_prediction_is_one_prediction_event(events):
    make_llm().predict(PromptTemplate("{query_str}"), query_str=POEM)
    assert len(events.of(LLMPredictStartEvent)) == len(events.of(LLMChatStartEvent)) == 1


def test_events_hold_the_candidates_response_without_our_stamp(events):
    make_llm().chat([user(POEM)])
    assert events.of(LLMChatEndEvent)[0].response.additional_kwargs == {}


async def test_span_of_the_candidate_nests_in_the_routers(spans):
    await make_llm().achat([user(POEM)])
    by_name = {span.id_.partition("-")[0]: span for span in spans.completed_spans}
    assert set(by_name) == {"TagRouterLLM.achat", "ScriptedLLM.achat"}
    assert by_name["ScriptedLLM.achat"].parent_id == by_name["TagRouterLLM.achat"].id_


def make_counter():
    return TokenCountingHandler(tokenizer=str.split)


def make_empty_manager():
    # CallbackManager([]) shares the list of handlers with LlamaIndex's global settings.
    manager = CallbackManager([])
    manager.set_handlers([])
    return manager


def test_callback_manager_given_at_the_start_counts_tokens_once():
    counter = make_counter()
    llm = make_llm(callback_manager=CallbackManager([counter]))
    llm.chat([user(POEM)])
    assert counter.total_llm_token_count == 15
    assert len(counter.llm_token_counts) == 1


def test_callback_manager_assigned_later_counts_tokens_once():
    counter = make_counter()
    llm = make_llm()
    llm.callback_manager = CallbackManager([counter])
    llm.chat([ChatMessage(role="user", content=POEM)])
    assert counter.total_llm_token_count == 15


def test_handler_added_to_a_shared_manager_later_counts_too():
    manager, counter = make_empty_manager(), make_counter()
    llm = make_llm(callback_manager=manager)
    manager.add_handler(counter)
    llm.chat([user(POEM)])
    assert len(counter.llm_token_counts) == 1


def test_empty_manager_does_not_silence_a_candidates_own():
    counter = make_counter()
    llm = make_llm()
    scripted(llm, "small").callback_manager = CallbackManager([counter])
    llm.callback_manager = make_empty_manager()
    llm.chat([user(POEM)])
    assert len(counter.llm_token_counts) == 1
