import threading
import time

import pytest

pytest.importorskip("langchain_core")

from langchain_core.output_parsers import StrOutputParser
from langchain_core.prompts import ChatPromptTemplate
from langchain_core.runnables import RunnableGenerator, RunnableLambda
from pydantic import ValidationError

from langchain_tagrouter import TagRouterRunnable
from tagrouter import UnknownNameError
from tests.langchain_tagrouter.run_log import RunLog
from tests.langchain_tagrouter.scripted_models import (
    CODE,
    POEM,
    scripted_members,
    tag_generator,
    tiny_router,
)

DEAR = {"configurable": {"tagrouter_theta": 0.3}}
PROMPT = ChatPromptTemplate.from_messages([("system", "Be short"), ("human", "{text}")])
ANSWERS = [f"small: {POEM}", f"large: {CODE}"]


def routed(generator=None, **settings):
    settings.setdefault("routes", {"small": str.lower, "large": str.upper})
    return TagRouterRunnable(router=tiny_router(generator), **settings)


def chain():
    return PROMPT | routed(routes=scripted_members()) | StrOutputParser()


def inputs():
    return [{"text": POEM}, {"text": CODE}]


def test_chain_of_prompt_router_and_parser_answers_by_the_right_member():
    assert [chain().invoke(one) for one in inputs()] == ANSWERS
    assert chain().batch(inputs()) == ANSWERS


async def test_chain_answers_the_same_in_async_code():
    assert [await chain().ainvoke(one) for one in inputs()] == ANSWERS
    assert await chain().abatch(inputs()) == ANSWERS


def test_chain_streams_the_member_s_chunks():
    chunks = list(chain().stream({"text": POEM}))
    assert "".join(chunks) == ANSWERS[0]
    assert len(chunks) > 5


async def test_chain_streams_the_same_in_async_code():
    chunks = [chunk async for chunk in chain().astream({"text": CODE})]
    assert "".join(chunks) == ANSWERS[1]
    assert len(chunks) > 5


def test_functions_can_be_routes():
    assert routed().invoke(POEM) == POEM.lower()
    assert routed().invoke(CODE) == CODE.upper()


def test_input_that_comes_in_pieces_is_put_together_first():
    def words(_):
        yield from ["Write a ", "poem ", "about rain"]

    assert "".join((RunnableGenerator(words) | routed()).stream("")) == POEM.lower()


def test_no_input_gives_no_output():
    assert list(routed().transform(iter([]))) == []


def test_theta_of_the_call_changes_the_route():
    assert routed().invoke(POEM, DEAR) == POEM.upper()
    assert list(routed().stream(POEM, DEAR)) == [POEM.upper()]
    assert routed().with_config(DEAR).invoke(POEM) == POEM.upper()
    assert (RunnableLambda(str) | routed()).invoke(POEM, DEAR) == POEM.upper()
    assert routed().batch([POEM, POEM], [DEAR, {}]) == [POEM.upper(), POEM.lower()]
    assert routed(theta=0.3).invoke(POEM) == POEM.upper()


def test_model_of_the_call_is_taken():
    assert routed().invoke(POEM, model="large") == POEM.upper()
    with pytest.raises(UnknownNameError, match="'huge'; known: 'large', 'small'"):
        routed().invoke(POEM, model="huge")


def test_other_arguments_reach_the_route():
    members = scripted_members()
    routed(routes=members).invoke(POEM, stop=["."])
    assert members["small"].calls[0]["stop"] == ["."]


def test_batch_tags_all_inputs_in_one_call_and_keeps_their_order():
    generator = tag_generator()
    texts = [POEM, CODE] * 32
    outputs = routed(generator).batch(texts)
    assert outputs == [routed().invoke(text) for text in texts]
    assert generator.calls == [texts]


async def test_abatch_tags_all_inputs_in_one_call_and_keeps_their_order():
    generator = tag_generator()
    texts = [POEM, CODE] * 32
    assert await routed(generator).abatch(texts) == routed().batch(texts)
    assert generator.calls == [texts]


def test_error_of_a_route_reaches_the_caller_as_it_is():
    def fail(_):
        raise ZeroDivisionError("mine")

    failing = routed(routes={"small": fail, "large": str.upper})
    with pytest.raises(ZeroDivisionError, match="mine"):
        failing.invoke(POEM)
    error, answer = failing.batch([POEM, CODE], return_exceptions=True)
    assert isinstance(error, ZeroDivisionError)
    assert answer == CODE.upper()


def test_max_concurrency_limits_the_calls_at_a_time():
    running, most, lock = 0, 0, threading.Lock()

    def count(text):
        nonlocal running, most
        with lock:
            running += 1
            most = max(most, running)
        time.sleep(0.01)
        with lock:
            running -= 1
        return text

    counted = routed(routes={"small": count, "large": count})
    counted.batch([POEM, CODE] * 6, {"max_concurrency": 2})
    assert most == 2


def test_trace_shows_router_then_selector_then_member():
    log = RunLog()
    routed(routes=scripted_members()).invoke(POEM, {"callbacks": [log], "tags": ["mine"]})
    router, selector, member = log.runs
    assert log.names() == ["TagRouterRunnable", "TagRouterSelector", "ScriptedChatModel"]
    assert selector.parent_run_id == member.parent_run_id == router.run_id
    assert set(member.tags) == {"mine", "tagrouter:small"}
    assert member.metadata["tagrouter_model"] == "small"
    assert member.metadata["tagrouter_reason"] == "scored"
    assert member.metadata["tagrouter_theta"] == 0.0
    assert member.metadata["tagrouter_tags"] == "poetry"
    assert "tagrouter_model" not in router.metadata


async def test_events_come_from_router_selector_and_member_once_each():
    events = routed(routes=scripted_members()).astream_events(POEM, version="v2")
    kinds = [(e["event"], e["name"]) async for e in events if not e["event"].endswith("stream")]
    assert kinds == [
        ("on_chain_start", "TagRouterRunnable"),
        ("on_chain_start", "TagRouterSelector"),
        ("on_chain_end", "TagRouterSelector"),
        ("on_chat_model_start", "ScriptedChatModel"),
        ("on_chat_model_end", "ScriptedChatModel"),
        ("on_chain_end", "TagRouterRunnable"),
    ]


def test_graph_has_one_conditional_edge_per_route():
    edges = routed().get_graph().edges
    assert [edge.data for edge in edges if edge.conditional] == ["small", "large"]


def test_theta_shows_up_in_the_config_schema_of_a_chain():
    assert "tagrouter_theta" in str(chain().get_config_jsonschema())


@pytest.mark.parametrize(
    ("routes", "message"),
    [
        ({"small": str}, r"names 'small'; the router decides between 'small', 'large'"),
        ({"small": str, "large": str, "huge": str}, r"'huge'; the router decides between"),
        ({}, "names none"),
        ([str, str], "a dict of name -> runnable, not list"),
        ({"small": str, "large": 3}, "Route 'large' is a int, which cannot be run"),
    ],
)
def test_routes_that_do_not_fit_the_router_are_refused(routes, message):
    with pytest.raises(ValidationError, match=message):
        routed(routes=routes)


def test_repr_names_no_route():
    assert repr(routed()) == "TagRouterRunnable()"
