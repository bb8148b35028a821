"""Templates and structured output: routed on the question, answered in the candidate's own way."""

import pytest

pytest.importorskip("llama_index.core")

from llama_index.core import Document, SummaryIndex
from llama_index.core.bridge.pydantic import BaseModel
from llama_index.core.chat_engine import SimpleChatEngine
from llama_index.core.llms import MockLLM
from llama_index.core.prompts import PromptTemplate
from llama_index.core.prompts.default_prompts import DEFAULT_TEXT_QA_PROMPT

from llamaindex_tagrouter import TagRouterLLM
from tests.llamaindex_tagrouter.builders import (
    CODE,
    POEM,
    ScriptedLLM,
    longest_wait_s,
    make_generator,
    make_llm,
    make_memory,
    make_router,
    scripted,
)


class Verse(BaseModel):
    """A line of a poem."""

    text: str = "rain"


class StructuredLLM(ScriptedLLM):
    """Has a structured output of its own, as the OpenAI family has."""

    def structured_predict(self, output_cls, prompt, llm_kwargs=None, **prompt_args):
        return output_cls(text=f"{self.name} wrote it")

    async def astructured_predict(self, output_cls, prompt, llm_kwargs=None, **prompt_args):
        return output_cls(text=f"{self.name} wrote it")

    def stream_structured_predict(self, output_cls, prompt, llm_kwargs=None, **prompt_args):
        yield output_cls(text=self.name)
        yield output_cls(text=f"{self.name} wrote it")

    async def astream_structured_predict(self, output_cls, prompt, llm_kwargs=None, **prompt_args):
        async def versions():
            yield output_cls(text=self.name)
            yield output_cls(text=f"{self.name} wrote it")

        return versions()


def make_structured():
    return TagRouterLLM({n: StructuredLLM(name=n) for n in ("small", "large")}, make_router())


async def test_question_decides_and_not_the_documents_around_it():
    llm = make_llm()
    values = {"context_str": CODE * 20, "query_str": POEM}
    answers = [
        llm.predict(DEFAULT_TEXT_QA_PROMPT, **values),
        await llm.apredict(DEFAULT_TEXT_QA_PROMPT, **values),
        " ".join(llm.stream(DEFAULT_TEXT_QA_PROMPT, **values)),
        " ".join([t async for t in await llm.astream(DEFAULT_TEXT_QA_PROMPT, **values)]),
    ]
    assert answers == ["small says hi"] * 4


async def test_slow_tagging_of_a_prompt_leaves_the_event_loop_free():
    llm = make_llm(make_generator(delay_s=0.2))
    prompt = PromptTemplate("{query_str}")
    values = {"query_str": POEM}
    assert await longest_wait_s(lambda: llm.apredict(prompt, **values)) < 0.1
    assert await longest_wait_s(lambda: llm.astructured_predict(Verse, prompt, **values)) < 0.1


@pytest.mark.parametrize("mode", ["compact", "refine", "tree_summarize"])
@pytest.mark.parametrize(("text", "model"), [(POEM, "small"), (CODE, "large")])
async def test_query_engine_answers_with_the_model_for_the_question(mode, text, model):
    llm = make_llm()
    index = SummaryIndex.from_documents([Document(text="poem python " * 30)])
    engine = index.as_query_engine(llm=llm, response_mode=mode)
    assert str(engine.query(text)) == f"{model} says hi"
    assert str(await engine.aquery(text)) == f"{model} says hi"


def test_chat_engine_routes_every_turn_anew():
    engine = SimpleChatEngine.from_defaults(llm=make_llm(), memory=make_memory())
    assert str(engine.chat(POEM)) == "small says hi"
    assert str(engine.chat(CODE)) == "large says hi"


@pytest.mark.parametrize(("text", "model"), [(POEM, "small"), (CODE, "large")])
async def test_structured_output_is_made_by_the_candidates_own_method(text, model):
    llm, prompt = make_structured(), PromptTemplate("{question}")
    partial = await llm.astream_structured_predict(Verse, prompt, question=text)
    answers = [
        llm.structured_predict(Verse, prompt, question=text),
        await llm.astructured_predict(Verse, prompt, question=text),
        list(llm.stream_structured_predict(Verse, prompt, question=text))[-1],
        [version async for version in partial][-1],
    ]
    assert [answer.text for answer in answers] == [f"{model} wrote it"] * 4


def test_structured_llm_of_a_router_routes_its_messages():
    structured = make_structured().as_structured_llm(Verse)
    assert structured.complete(POEM).raw == Verse(text="small wrote it")
    assert structured.complete(CODE).raw == Verse(text="large wrote it")


def test_structured_output_by_tool_call_is_read_by_its_author():
    llm = make_llm()
    assert llm.structured_predict(Verse, PromptTemplate(POEM)) == Verse()
    assert scripted(llm, "small").seen[0]["tools_small"] == ["Verse"]


def test_system_prompt_of_a_candidate_is_its_own():
    small = MockLLM(system_prompt="Be brief.")
    llm = TagRouterLLM({"small": small, "large": MockLLM()}, make_router())
    prompt = PromptTemplate("{query_str}")
    assert llm.predict(prompt, query_str=POEM) == f"Be brief.\n\n{POEM}"
    assert llm.predict(prompt, query_str=CODE) == CODE
