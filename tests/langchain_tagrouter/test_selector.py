import asyncio
import time

import pytest

pytest.importorskip("langchain_core")

from langchain_core.messages import HumanMessage
from pydantic import ValidationError

from langchain_tagrouter import TagRouterSelector
from tagrouter import Decision, InvalidInputError, UnknownNameError
from tests.langchain_tagrouter.run_log import RunLog
from tests.langchain_tagrouter.scripted_models import CODE, POEM, tag_generator, tiny_router

DEAR = {"configurable": {"tagrouter_theta": 0.3}}


def selector(generator=None, **settings):
    return TagRouterSelector(router=tiny_router(generator), **settings)


def test_selector_gives_the_router_s_decision():
    decision = selector().invoke(POEM)
    assert isinstance(decision, Decision)
    assert decision == tiny_router().route(POEM)


def test_as_name_ends_in_the_model_s_name():
    assert selector().as_name().batch([POEM, CODE]) == ["small", "large"]


async def test_async_decisions_are_the_same():
    assert await selector().ainvoke(POEM) == selector().invoke(POEM)
    assert await selector().abatch([POEM, CODE]) == selector().batch([POEM, CODE])


def test_blank_query_goes_to_the_default_model():
    decision = selector().invoke([HumanMessage("  ")])
    assert (decision.model, decision.reason) == ("large", "default")


def test_theta_of_the_call_wins_over_theta_of_the_selector():
    assert selector(theta=0.3).invoke(POEM).model == "large"
    assert (
        selector(theta=0.3).invoke(POEM, {"configurable": {"tagrouter_theta": 0}}).model == "small"
    )
    assert selector().with_config(DEAR).invoke(POEM).theta == 0.3


def test_theta_that_is_no_number_is_refused():
    with pytest.raises(InvalidInputError, match="theta must be a finite number, is 'high'"):
        selector().invoke(POEM, {"configurable": {"tagrouter_theta": "high"}})
    with pytest.raises(ValidationError, match="finite"):
        selector(theta=float("nan"))


def test_model_of_the_call_is_taken():
    decision = selector().invoke(POEM, model="large")
    assert (decision.model, decision.reason) == ("large", "explicit")


def test_unknown_model_of_the_call_is_refused_with_the_known_ones():
    with pytest.raises(UnknownNameError, match="'huge'; known: 'large', 'small'"):
        selector().invoke(POEM, model="huge")


def test_unknown_arguments_are_refused():
    with pytest.raises(TypeError, match="stop"):
        selector().invoke(POEM, stop=["."])
    with pytest.raises(TypeError, match="stop"):
        selector().batch([POEM], stop=["."])
    with pytest.raises(ValidationError, match="thetta"):
        selector(thetta=0.1)


def test_batch_tags_all_inputs_in_one_call():
    generator = tag_generator()
    decisions = selector(generator).batch([POEM, CODE, POEM])
    assert [decision.model for decision in decisions] == ["small", "large", "small"]
    assert generator.calls == [[POEM, CODE, POEM]]


def test_batch_takes_theta_from_each_config():
    decisions = selector().batch([POEM, POEM], [DEAR, {}])
    assert [decision.model for decision in decisions] == ["large", "small"]


def test_error_in_a_batch_stays_with_its_input():
    small, error = selector().batch([POEM, 3], return_exceptions=True)
    assert small.model == "small"
    assert isinstance(error, InvalidInputError)
    with pytest.raises(InvalidInputError, match="read from int"):
        selector().batch([POEM, 3])


def test_empty_batch_gives_nothing():
    assert selector().batch([]) == []


def test_input_key_reads_a_dict():
    assert selector(input_key="topic").invoke({"topic": POEM}).model == "small"


def test_decision_is_the_output_of_one_run():
    log = RunLog()
    selector().batch([POEM, CODE], {"callbacks": [log]})
    assert log.names() == ["TagRouterSelector"] * 2
    assert {run.output.model for run in log.runs} == {"small", "large"}


def test_theta_is_declared_as_configurable():
    assert [spec.id for spec in selector().config_specs] == ["tagrouter_theta"]


def test_selector_fits_into_schemas_and_pictures():
    assert "TagRouterSelector" in selector().get_graph().draw_mermaid()
    assert selector().get_output_schema().model_json_schema()["title"] == "TagRouterSelectorOutput"


async def test_slow_tagging_leaves_the_event_loop_free():
    slow = selector(tag_generator(delay_s=0.2))
    task = asyncio.ensure_future(slow.ainvoke(POEM))
    longest, last = 0.0, time.perf_counter()
    while not task.done():
        await asyncio.sleep(0.001)
        longest, last = max(longest, time.perf_counter() - last), time.perf_counter()
    assert task.result().model == "small"
    assert longest < 0.15
