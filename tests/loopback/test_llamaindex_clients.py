"""A query engine and an LLM whose members are OpenAI-like clients of a real server."""

import pytest

pytest.importorskip("llama_index.core")
pytest.importorskip("llama_index.llms.openai_like")

from llama_index.core import SummaryIndex
from llama_index.core.llms import ChatMessage
from llama_index.core.query_engine import RouterQueryEngine
from llama_index.core.schema import TextNode
from llama_index.core.tools import QueryEngineTool
from llama_index.llms.openai_like import OpenAILike

from llamaindex_tagrouter import TagRouterLLM, TagRouterSelector
from tagrouter import TagRouter
from tests.loopback.routing import ASKED, EASY, HARD, MAX_TOKENS, POEM, SERVED, make_router


def make_members(recorder):
    return {
        model: OpenAILike(
            model=served,
            api_base=recorder.base_url,
            api_key="unused",
            is_chat_model=True,
            max_tokens=MAX_TOKENS,
            max_retries=0,
            temperature=0.0,
        )
        for model, served in SERVED.items()
    }


@pytest.fixture
def llm(recorder) -> TagRouterLLM:
    return TagRouterLLM(llms=make_members(recorder), router=make_router())


def make_query_engine(recorder, *, streaming=False, router=None):
    """Two engines over the same text, each with a client of its own."""
    index = SummaryIndex(nodes=[TextNode(text="It rained in Lisbon.")])
    members = make_members(recorder)
    tools = [
        QueryEngineTool.from_defaults(
            index.as_query_engine(llm=member, streaming=streaming),
            name=model,
            description=f"answers with {model}",
        )
        for model, member in members.items()
    ]
    return RouterQueryEngine(
        selector=TagRouterSelector.from_defaults(router=router or make_router()),
        query_engine_tools=tools,
        llm=members["small"],
    )


@pytest.mark.parametrize(("query", "asked"), ASKED)
def test_query_engine_asks_the_chosen_member(recorder, query, asked):
    response = make_query_engine(recorder).query(query)
    assert response.response
    assert recorder.models == [asked]


@pytest.mark.parametrize(("query", "asked"), ASKED)
async def test_query_engine_asks_the_chosen_member_asynchronously(recorder, query, asked):
    response = await make_query_engine(recorder).aquery(query)
    assert response.response
    assert recorder.models == [asked]


@pytest.mark.parametrize(("query", "asked"), ASKED)
def test_query_engine_streams_from_the_chosen_member(recorder, query, asked):
    response = make_query_engine(recorder, streaming=True).query(query)
    assert len([piece for piece in response.response_gen if piece]) > 1
    assert [(r["model"], r["stream"]) for r in recorder.requests] == [(asked, True)]


@pytest.mark.parametrize(("query", "asked"), ASKED)
async def test_query_engine_streams_asynchronously_from_the_chosen_member(recorder, query, asked):
    response = await make_query_engine(recorder, streaming=True).aquery(query)
    pieces = [piece async for piece in response.async_response_gen() if piece]
    assert len(pieces) > 1
    assert [(r["model"], r["stream"]) for r in recorder.requests] == [(asked, True)]


@pytest.mark.parametrize(("query", "asked"), ASKED)
def test_llm_completes_with_the_chosen_member(llm, recorder, query, asked):
    assert llm.complete(query).text
    assert recorder.models == [asked]


@pytest.mark.parametrize(("query", "asked"), ASKED)
async def test_llm_completes_asynchronously_with_the_chosen_member(llm, recorder, query, asked):
    assert (await llm.acomplete(query)).text
    assert recorder.models == [asked]


@pytest.mark.parametrize(("query", "asked"), ASKED)
def test_llm_chats_with_the_chosen_member(llm, recorder, query, asked):
    response = llm.chat([ChatMessage(content=query)])
    assert response.raw.model == f"{asked}@main"
    assert recorder.models == [asked]


@pytest.mark.parametrize(("query", "asked"), ASKED)
async def test_llm_chats_asynchronously_with_the_chosen_member(llm, recorder, query, asked):
    response = await llm.achat([ChatMessage(content=query)])
    assert response.raw.model == f"{asked}@main"
    assert recorder.models == [asked]


@pytest.mark.parametrize(("query", "asked"), ASKED)
def test_llm_streams_from_the_chosen_member(llm, recorder, query, asked):
    chunks = list(llm.stream_chat([ChatMessage(content=query)]))
    assert len([chunk for chunk in chunks if chunk.delta]) > 1
    assert [(r["model"], r["stream"]) for r in recorder.requests] == [(asked, True)]


@pytest.mark.parametrize(("query", "asked"), ASKED)
async def test_llm_streams_asynchronously_from_the_chosen_member(llm, recorder, query, asked):
    chunks = [chunk async for chunk in await llm.astream_complete(query)]
    assert len([chunk for chunk in chunks if chunk.delta]) > 1
    assert [(r["model"], r["stream"]) for r in recorder.requests] == [(asked, True)]


def test_answer_says_who_gave_it(llm):
    response = llm.complete(POEM)
    assert response.raw.model == "tiny-small@main"
    assert response.additional_kwargs["tagrouter"]["model"] == "small"


def test_server_gets_the_messages_and_nothing_of_ours(llm, recorder):
    first = llm.chat([ChatMessage(content=POEM)])
    llm.chat([ChatMessage(content=POEM), first.message, ChatMessage(content="Now shorter.")])
    assert recorder.requests[1] == {
        "model": "tiny-large",
        "messages": [
            {"role": "user", "content": POEM},
            {"role": "assistant", "content": first.message.content},
            {"role": "user", "content": "Now shorter."},
        ],
        "max_tokens": MAX_TOKENS,
        "stream": False,
        "temperature": 0.0,
    }


def test_shipped_generator_and_profile_ask_both_members(recorder):
    engine = make_query_engine(recorder, router=TagRouter.from_profile())
    engine.query(EASY)
    engine.query(HARD)
    assert recorder.models == ["tiny-small", "tiny-large"]
