"""The eight chat and completion endpoints: right candidate, stamped response, free event loop."""

import asyncio

import pytest

pytest.importorskip("llama_index.core")

from llama_index.core.llms import MockLLM
from llama_index.core.llms.mock import MockLLMWithNonyieldingChatStream

from llamaindex_tagrouter import TagRouterLLM
from tagrouter import TagGeneratorError
from tagrouter.tags.base import TagGenerator
from tests.llamaindex_tagrouter.builders import (
    CODE,
    PLAIN,
    POEM,
    ScriptedLLM,
    longest_wait_s,
    make_generator,
    make_llm,
    make_router,
    scripted,
    user,
)


async def last_of(stream):
    chunks = [chunk async for chunk in stream]
    return chunks[-1]


ENDPOINTS = {
    "chat": lambda llm, text: llm.chat([user(text)]),
    "complete": lambda llm, text: llm.complete(text),
    "stream_chat": lambda llm, text: list(llm.stream_chat([user(text)]))[-1],
    "stream_complete": lambda llm, text: list(llm.stream_complete(text))[-1],
}


async def astream_chat(llm, text):
    return await last_of(await llm.astream_chat([user(text)]))


async def astream_complete(llm, text):
    return await last_of(await llm.astream_complete(text))


ASYNC_ENDPOINTS = {
    "achat": lambda llm, text: llm.achat([user(text)]),
    "acomplete": lambda llm, text: llm.acomplete(text),
    "astream_chat": astream_chat,
    "astream_complete": astream_complete,
}


@pytest.mark.parametrize(("text", "model"), [(POEM, "small"), (CODE, "large"), (PLAIN, "large")])
@pytest.mark.parametrize("endpoint", ENDPOINTS)
def test_call_is_answered_by_the_model_that_the_router_chooses(endpoint, text, model):
    response = ENDPOINTS[endpoint](make_llm(), text)
    assert str(response).startswith((f"{model} ", f"assistant: {model} "))
    assert response.additional_kwargs["tagrouter"]["model"] == model


@pytest.mark.parametrize(("text", "model"), [(POEM, "small"), (CODE, "large"), (PLAIN, "large")])
@pytest.mark.parametrize("endpoint", ASYNC_ENDPOINTS)
async def test_async_call_is_answered_by_the_same_model(endpoint, text, model):
    response = await ASYNC_ENDPOINTS[endpoint](make_llm(), text)
    assert str(response).startswith((f"{model} ", f"assistant: {model} "))
    assert response.additional_kwargs["tagrouter"]["model"] == model


@pytest.mark.parametrize("endpoint", ASYNC_ENDPOINTS)
async def test_slow_tagging_leaves_the_event_loop_free(endpoint):
    llm = make_llm(make_generator(delay_s=0.2))
    waited_s = await longest_wait_s(lambda: ASYNC_ENDPOINTS[endpoint](llm, POEM))
    assert waited_s < 0.1


def test_stamp_tells_the_decision_in_plain_json():
    stamp = make_llm().complete(POEM).additional_kwargs["tagrouter"]
    assert stamp == {
        "model": "small",
        "reason": "scored",
        "model_scores": {"small": pytest.approx(0.18), "large": 0.0},
        "theta": 0.0,
        "margin": pytest.approx(0.18),
        "query_tags": ["poetry"],
    }


def test_every_chunk_carries_the_stamp_and_no_message_does():
    chunks = list(make_llm().stream_chat([user(POEM)]))
    assert [chunk.additional_kwargs["tagrouter"]["model"] for chunk in chunks] == ["small"] * 3
    assert all("tagrouter" not in chunk.message.additional_kwargs for chunk in chunks)


def test_response_is_the_candidates_but_for_the_stamp():
    routed = make_llm().chat([user(POEM)])
    bare = ScriptedLLM(name="small").chat([user(POEM)])
    del routed.additional_kwargs["tagrouter"]
    assert routed == bare


def test_candidate_gets_messages_and_options_unchanged():
    llm = make_llm()
    llm.chat([user(POEM)], temperature=0.5)
    assert scripted(llm, "small").seen == [{"messages": [user(POEM)], "temperature": 0.5}]


def test_stream_is_routed_at_once_not_when_first_read():
    generator = make_generator()
    make_llm(generator).stream_complete(POEM)
    assert generator.calls == [[POEM]]


def test_stream_without_chunks_stays_without_chunks():
    empty = MockLLMWithNonyieldingChatStream()
    llm = TagRouterLLM({"small": empty, "large": empty}, make_router())
    assert list(llm.stream_chat([user(POEM)])) == []


async def test_closing_a_stream_closes_the_candidates_stream():
    closed = []

    class Endless(MockLLM):
        async def astream_complete(self, prompt, formatted=False, **kwargs):
            async def words():
                try:
                    while True:
                        yield self.complete("word")
                finally:
                    closed.append(True)

            return words()

    llm = TagRouterLLM({"small": Endless(), "large": Endless()}, make_router())
    stream = await llm.astream_complete(POEM)
    await anext(stream)
    await stream.aclose()
    assert closed == [True]


async def test_calls_at_the_same_time_do_not_mix():
    llm = make_llm()
    wanted = [(POEM, "small"), (CODE, "large")] * 25
    answers = await asyncio.gather(*(llm.achat([user(text)]) for text, _ in wanted))
    assert [answer.message.content for answer in answers] == [f"{m} says hi" for _, m in wanted]
    assert [answer.additional_kwargs["tagrouter"]["model"] for answer in answers] == [
        model for _, model in wanted
    ]


def test_theta_sends_more_to_the_reference_model():
    assert make_llm(theta=0.5).route(POEM).model == "large"


async def test_route_decides_without_calling_a_candidate():
    llm = make_llm()
    assert llm.route(POEM).model == (await llm.aroute(POEM)).model == "small"
    assert llm.route(POEM, models=["large"]).model == "large"
    assert scripted(llm, "small").seen == []


class BrokenGenerator(TagGenerator):
    name = "broken"

    def _generate(self, queries):
        raise RuntimeError("no tags today")


def test_default_model_answers_where_tagging_fails(caplog):
    response = make_llm(BrokenGenerator()).complete(POEM)
    assert response.text == "large completes"
    assert response.additional_kwargs["tagrouter"]["reason"] == "error"
    assert "no tags today" in caplog.text


def test_tagging_error_is_raised_on_demand():
    with pytest.raises(TagGeneratorError, match="no tags today"):
        make_llm(BrokenGenerator(), on_error="raise").complete(POEM)


def test_router_as_candidate_keeps_its_own_stamp_inside():
    inner = make_llm()
    outer = TagRouterLLM({"small": inner, "large": ScriptedLLM(name="large")}, make_router())
    stamp = outer.complete(POEM).additional_kwargs["tagrouter"]
    assert (stamp["model"], stamp["inner"]["model"]) == ("small", "small")
