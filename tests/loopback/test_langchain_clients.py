"""`prompt | router | parser` whose members are OpenAI clients of a real server."""

import pytest

pytest.importorskip("langchain_core")
pytest.importorskip("langchain_openai")

from langchain_core.output_parsers import StrOutputParser
from langchain_core.prompts import ChatPromptTemplate
from langchain_core.runnables import Runnable
from langchain_openai import ChatOpenAI

from langchain_tagrouter import ChatTagRouter, TagRouterRunnable
from tagrouter import TagRouter
from tests.loopback.routing import ASKED, CODE, EASY, HARD, MAX_TOKENS, POEM, SERVED, make_router

PROMPT = ChatPromptTemplate.from_messages([("human", "{text}")])


def make_members(recorder):
    return {
        model: ChatOpenAI(
            model=served,
            base_url=recorder.base_url,
            api_key="unused",
            max_completion_tokens=MAX_TOKENS,
            max_retries=0,
        )
        for model, served in SERVED.items()
    }


def make_chat_router(recorder):
    return ChatTagRouter(router=make_router(), models=make_members(recorder))


def make_runnable_router(recorder):
    return TagRouterRunnable(router=make_router(), routes=make_members(recorder))


@pytest.fixture(params=[make_chat_router, make_runnable_router])
def chain(request, recorder) -> Runnable:
    return PROMPT | request.param(recorder) | StrOutputParser()


@pytest.mark.parametrize(("query", "asked"), ASKED)
def test_chain_asks_the_chosen_model(chain, recorder, query, asked):
    assert chain.invoke({"text": query})
    assert recorder.models == [asked]


@pytest.mark.parametrize(("query", "asked"), ASKED)
async def test_chain_asks_the_chosen_model_asynchronously(chain, recorder, query, asked):
    assert await chain.ainvoke({"text": query})
    assert recorder.models == [asked]


@pytest.mark.parametrize(("query", "asked"), ASKED)
def test_chain_streams_from_the_chosen_model(chain, recorder, query, asked):
    pieces = [piece for piece in chain.stream({"text": query}) if piece]
    assert len(pieces) > 1
    assert [(r["model"], r["stream"]) for r in recorder.requests] == [(asked, True)]


@pytest.mark.parametrize(("query", "asked"), ASKED)
async def test_chain_streams_asynchronously_from_the_chosen_model(chain, recorder, query, asked):
    pieces = [piece async for piece in chain.astream({"text": query}) if piece]
    assert len(pieces) > 1
    assert [(r["model"], r["stream"]) for r in recorder.requests] == [(asked, True)]


def test_batch_asks_each_model_for_its_own_queries(chain, recorder):
    answers = chain.batch([{"text": query} for query in (POEM, CODE, POEM)])
    assert len(answers) == 3
    assert all(answers)
    assert sorted(recorder.models) == ["tiny-large", "tiny-small", "tiny-small"]


def test_streamed_answer_is_the_invoked_one(chain):
    assert "".join(chain.stream({"text": POEM})) == chain.invoke({"text": POEM})


def test_server_gets_the_messages_and_nothing_of_ours(chain, recorder):
    chain.invoke({"text": POEM})
    assert recorder.requests == [
        {
            "model": "tiny-small",
            "messages": [{"role": "user", "content": POEM}],
            "max_completion_tokens": MAX_TOKENS,
            "stream": False,
        }
    ]


def test_answer_names_the_model_that_the_server_ran_and_the_decision(recorder):
    answer = make_chat_router(recorder).invoke(POEM)
    assert answer.response_metadata["model_name"] == "tiny-small@main"
    assert answer.response_metadata["tagrouter"]["model"] == "small"


def test_forced_model_is_asked(recorder):
    make_chat_router(recorder).invoke(POEM, model="large")
    assert recorder.models == ["tiny-large"]


def test_shipped_generator_and_profile_ask_both_members(recorder):
    members = make_members(recorder)
    chain = PROMPT | ChatTagRouter(router=TagRouter.from_profile(), models=members)
    assert chain.invoke({"text": EASY}).response_metadata["model_name"] == "tiny-small@main"
    assert chain.invoke({"text": HARD}).response_metadata["model_name"] == "tiny-large@main"
