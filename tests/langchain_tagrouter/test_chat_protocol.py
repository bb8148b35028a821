"""Any LangChain chat model answers TagRouter's own questions."""

import asyncio
import sys

import pytest

pytest.importorskip("langchain_core")

from langchain_core.callbacks import BaseCallbackHandler
from langchain_core.language_models.fake import FakeListLLM
from langchain_core.language_models.fake_chat_models import (
    FakeListChatModel,
    FakeMessagesListChatModel,
)
from langchain_core.messages import AIMessage, HumanMessage, SystemMessage
from langchain_core.output_parsers import JsonOutputParser
from langchain_core.runnables import RunnableLambda
from pydantic import SecretStr

from langchain_tagrouter import LangChainChatModel
from tagrouter import InvalidInputError, MissingExtraError
from tagrouter.chat import ChatMessage, ChatModel
from tagrouter.tags.prompted import PromptedGenerator
from tests.langchain_tagrouter.scripted_models import POEM, ScriptedChatModel

TAGS = '{"tags": ["poetry", "simple request"]}'
HELLO = (ChatMessage("user", "hello"),)


def names(tags):
    return [tag.name for tag in tags.reported]


def test_chat_model_fills_the_protocol():
    assert isinstance(LangChainChatModel(FakeListChatModel(responses=["x"])), ChatModel)


def test_generator_gets_the_same_tags_waiting_or_not():
    model = ScriptedChatModel(model="tagger", answer=TAGS)
    generator = PromptedGenerator(LangChainChatModel(model), cache_size=0)
    waiting = generator.generate([POEM])
    assert waiting == asyncio.run(generator.agenerate([POEM]))
    assert names(waiting[0]) == ["poetry", "simple request"]


def test_roles_become_message_classes():
    seen = []
    chat = LangChainChatModel(RunnableLambda(lambda messages: seen.extend(messages) or "x"))
    chat.chat([ChatMessage("system", "s"), ChatMessage("user", "u"), ChatMessage("assistant", "a")])
    assert seen == [SystemMessage("s"), HumanMessage("u"), AIMessage("a")]


@pytest.mark.parametrize(
    "model",
    [
        FakeListChatModel(responses=["hi"]),
        FakeListLLM(responses=["hi"]),
        FakeListChatModel(responses=["hi"]).bind(stop=["x"]),
        FakeListChatModel(responses=["hi"]).with_retry(),
        FakeMessagesListChatModel(
            responses=[AIMessage([{"type": "reasoning"}, {"type": "text", "text": "hi"}])]
        ),
    ],
    ids=["chat model", "text model", "binding", "with retry", "content blocks"],
)
def test_any_runnable_that_answers_with_text_will_do(model):
    chat = LangChainChatModel(model)
    assert chat.chat(HELLO) == asyncio.run(chat.achat(HELLO)) == "hi"


def test_runnable_that_answers_otherwise_is_refused_with_advice():
    parsed = FakeListChatModel(responses=["{}"]) | JsonOutputParser()
    with pytest.raises(InvalidInputError, match=r"answered with dict.*leave structured output"):
        LangChainChatModel(parsed).chat(HELLO)


def test_something_else_is_refused():
    with pytest.raises(InvalidInputError, match="not str"):
        LangChainChatModel("openai:gpt-4o-mini")


def test_name_is_the_models_own_also_behind_bindings_and_fallbacks():
    model = ScriptedChatModel(model="gpt-4o-mini")
    bound = model.bind(temperature=0)
    fallen_back = bound.with_fallbacks([ScriptedChatModel(model="other")])
    found = [LangChainChatModel(runnable).name for runnable in (model, bound, fallen_back)]
    assert found == ["gpt-4o-mini"] * 3
    assert LangChainChatModel(model, name="mine").name == "mine"


def test_error_of_the_model_passes_through():
    model = ScriptedChatModel(model="tagger", fails_with=ConnectionError("reset"))
    with pytest.raises(ConnectionError, match="reset"):
        LangChainChatModel(model).chat(HELLO)


def test_calls_are_kept_out_of_the_streams_of_a_graph():
    class Tags(BaseCallbackHandler):
        seen: list = []  # noqa: RUF012

        def on_chat_model_start(self, serialized, messages, *, tags=None, **kwargs):
            self.seen.append(tags)

    model = ScriptedChatModel(model="tagger", answer=TAGS, callbacks=[Tags()])
    LangChainChatModel(model).chat(HELLO)
    LangChainChatModel(model, config={"tags": ["mine"]}).chat(HELLO)
    assert Tags.seen == [["nostream"], ["mine"]]


def test_calls_stand_below_the_run_that_made_them():
    class Parents(BaseCallbackHandler):
        seen: list = []  # noqa: RUF012

        def on_chat_model_start(self, serialized, messages, *, parent_run_id=None, **kwargs):
            self.seen.append(parent_run_id)

    model = ScriptedChatModel(model="tagger", answer=TAGS)
    generator = PromptedGenerator(LangChainChatModel(model))
    RunnableLambda(generator.generate).invoke(["a", "b"], {"callbacks": [Parents()]})
    assert len(Parents.seen) == 2
    assert None not in Parents.seen


def test_repr_shows_no_key():
    class Keyed(ScriptedChatModel):
        api_key: SecretStr | str = "sk-secret"

    chat = LangChainChatModel(Keyed(model="tagger"))
    assert repr(chat) == "LangChainChatModel(name='tagger')"
    assert "sk-secret" not in repr(PromptedGenerator(chat))


def test_named_model_has_the_name_that_records_hold(monkeypatch):
    pytest.importorskip("langchain")
    pytest.importorskip("langchain_openai")
    monkeypatch.setenv("OPENAI_API_KEY", "any text")
    chat = LangChainChatModel.named("openai:some-model", base_url="http://127.0.0.1:1/v1")
    assert isinstance(chat, ChatModel)
    assert chat.name == "some-model"


def test_naming_a_model_without_langchain_tells_the_pip_command(monkeypatch):
    monkeypatch.setitem(sys.modules, "langchain", None)
    monkeypatch.delitem(sys.modules, "langchain.chat_models", raising=False)
    with pytest.raises(MissingExtraError, match="pip install langchain langchain-openai"):
        LangChainChatModel.named("openai:some-model")


def test_naming_a_model_without_its_providers_package_tells_the_pip_command(monkeypatch):
    pytest.importorskip("langchain")
    monkeypatch.setitem(sys.modules, "langchain_mistralai", None)
    with pytest.raises(MissingExtraError, match="pip install langchain-mistralai"):
        LangChainChatModel.named("mistralai:some-model")


def test_unknown_provider_is_refused():
    pytest.importorskip("langchain")
    with pytest.raises(InvalidInputError, match=r"No chat model 'nobody'.*PROVIDER:MODEL"):
        LangChainChatModel.named("nobody")
