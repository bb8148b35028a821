"""Any LlamaIndex LLM answers TagRouter's own questions."""

import asyncio

import pytest

pytest.importorskip("llama_index.core")

from llama_index.core.base.llms.types import MessageRole
from llama_index.core.llms import MockLLM

from llamaindex_tagrouter import LlamaIndexChatModel
from tagrouter import InvalidInputError
from tagrouter.chat import ChatMessage, ChatModel
from tagrouter.tags.prompted import PromptedGenerator
from tests.llamaindex_tagrouter.builders import POEM, ScriptedLLM

HELLO = (ChatMessage("user", "hello"),)


class Tagger(MockLLM):
    """Answers with tags, and keeps what it was asked."""

    key: str = "sk-secret"
    seen: list = []  # noqa: RUF012 - a pydantic field, copied per instance

    def chat(self, messages, **kwargs):
        self.seen.append(messages)
        response = super().chat(messages, **kwargs)
        response.message.content = '{"tags": ["poetry", "simple request"]}'
        return response

    async def achat(self, messages, **kwargs):
        return self.chat(messages, **kwargs)


def test_llm_fills_the_protocol():
    assert isinstance(LlamaIndexChatModel(MockLLM()), ChatModel)


def test_generator_gets_the_same_tags_waiting_or_not():
    generator = PromptedGenerator(LlamaIndexChatModel(Tagger()), cache_size=0)
    waiting = generator.generate([POEM])
    assert waiting == asyncio.run(generator.agenerate([POEM]))
    assert [tag.name for tag in waiting[0].reported] == ["poetry", "simple request"]


def test_roles_are_kept():
    llm = Tagger()
    asked = [ChatMessage("system", "s"), ChatMessage("user", "u"), ChatMessage("assistant", "a")]
    LlamaIndexChatModel(llm).chat(asked)
    assert [(message.role, message.content) for message in llm.seen[0]] == [
        (MessageRole.SYSTEM, "s"),
        (MessageRole.USER, "u"),
        (MessageRole.ASSISTANT, "a"),
    ]


def test_llm_without_chat_is_given_one_prompt():
    chat = LlamaIndexChatModel(MockLLM())
    answer = chat.chat([ChatMessage("system", "be kind"), *HELLO])
    assert "be kind" in answer
    assert "hello" in answer
    assert asyncio.run(chat.achat([ChatMessage("system", "be kind"), *HELLO])) == answer


def test_name_is_that_of_the_metadata():
    assert LlamaIndexChatModel(ScriptedLLM(name="gpt-4o-mini")).name == "gpt-4o-mini"
    assert LlamaIndexChatModel(ScriptedLLM(name="gpt-4o-mini"), name="mine").name == "mine"


def test_bare_llm_is_refused_and_the_wrapper_named():
    with pytest.raises(InvalidInputError, match=r"LlamaIndexChatModel\(llm\)"):
        PromptedGenerator(MockLLM())


def test_something_else_is_refused():
    with pytest.raises(InvalidInputError, match="not str"):
        LlamaIndexChatModel("gpt-4o-mini")


def test_repr_shows_no_key():
    chat = LlamaIndexChatModel(Tagger(), name="tagger")
    assert repr(chat) == "LlamaIndexChatModel(name='tagger')"
    assert "sk-secret" not in repr(PromptedGenerator(chat))
