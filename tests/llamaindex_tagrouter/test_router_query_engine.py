"""TagRouterSelector inside LlamaIndex's own routers."""

import pytest

pytest.importorskip("llama_index.core")

from llama_index.core import Document, SummaryIndex
from llama_index.core.llms import MockLLM
from llama_index.core.query_engine import CustomQueryEngine, RouterQueryEngine
from llama_index.core.retrievers import RouterRetriever
from llama_index.core.tools import QueryEngineTool, RetrieverTool

from llamaindex_tagrouter import TagRouterSelector
from tests.llamaindex_tagrouter.builders import (
    CODE,
    POEM,
    longest_wait_s,
    make_generator,
    make_router,
)


class NamedEngine(CustomQueryEngine):
    """Answers with its name."""

    name: str

    def custom_query(self, query_str):
        return self.name


def make_engine(generator=None, *, names=("small", "large"), **options):
    tools = [
        QueryEngineTool.from_defaults(NamedEngine(name=name), name=name, description=f"The {name}")
        for name in names
    ]
    selector = TagRouterSelector.from_defaults(make_router(generator), **options)
    return RouterQueryEngine(selector=selector, query_engine_tools=tools, llm=MockLLM())


@pytest.mark.parametrize(("query", "name"), [(POEM, "small"), (CODE, "large")])
async def test_query_goes_to_the_engine_of_the_chosen_model(query, name):
    engine = make_engine()
    for response in (engine.query(query), await engine.aquery(query)):
        assert str(response) == name
        assert response.metadata["selector_result"].model == name


async def test_several_engines_are_asked_and_summed_up():
    engine = make_engine(max_outputs=2, min_margin=9)
    for response in (engine.query(POEM), await engine.aquery(POEM)):
        assert response.metadata["selector_result"].inds == [0, 1]
        assert "small" in str(response)
        assert "large" in str(response)


def test_unnamed_tools_are_told_apart_by_description():
    tools = [
        QueryEngineTool.from_defaults(NamedEngine(name=name), description=description)
        for name, description in [("verse", "Every poem"), ("code", "All Python code")]
    ]
    selector = TagRouterSelector.from_defaults(make_router())
    engine = RouterQueryEngine(selector=selector, query_engine_tools=tools, llm=MockLLM())
    assert str(engine.query(POEM)) == "verse"
    assert str(engine.query(CODE)) == "code"


async def test_slow_tagging_leaves_the_event_loop_free():
    engine = make_engine(make_generator(delay_s=0.2))
    assert await longest_wait_s(lambda: engine.aquery(POEM)) < 0.1


async def test_retriever_of_the_chosen_description_is_asked():
    tools = [
        RetrieverTool.from_defaults(
            SummaryIndex.from_documents([Document(text=text)]).as_retriever(), description=about
        )
        for text, about in [("rain, rain", "Every poem"), ("print()", "All Python code")]
    ]
    selector = TagRouterSelector.from_defaults(make_router())
    retriever = RouterRetriever(selector=selector, retriever_tools=tools, llm=MockLLM())
    assert [node.text for node in retriever.retrieve(POEM)] == ["rain, rain"]
    assert [node.text for node in await retriever.aretrieve(CODE)] == ["print()"]


def test_prompts_of_the_engine_can_be_listed():
    assert not [name for name in make_engine().get_prompts() if name.startswith("selector:")]
