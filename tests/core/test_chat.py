"""The protocol of a chat model, and which errors of one are worth a second try."""

import asyncio
from types import SimpleNamespace

import pytest

from tagrouter import InvalidInputError
from tagrouter.chat import ChatMessage, ChatModel, FunctionChatModel, check_chat_model
from tagrouter.chat_retries import ChatAnswerError, Question, Retries, aask, ask, is_worth_retrying

HELLO = (ChatMessage("user", "hello"),)


class ProviderError(Exception):
    """Keeps its HTTP status where a client library would."""

    def __init__(self, **attributes):
        super().__init__("failed")
        self.__dict__.update(attributes)


def number_in(answer):
    if not answer.isdigit():
        raise ChatAnswerError(f"no number: {answer}")
    return int(answer)


def test_function_is_a_chat_model_waiting_or_not():
    chat = FunctionChatModel(lambda messages: messages[-1].content.upper(), name="shouting")
    assert isinstance(chat, ChatModel)
    assert chat.chat(HELLO) == asyncio.run(chat.achat(HELLO)) == "HELLO"


def test_repr_of_a_function_model_shows_its_name_only():
    assert repr(FunctionChatModel(str, name="shouting")) == "FunctionChatModel(name='shouting')"


@pytest.mark.parametrize(("role", "content"), [("human", "hello"), ("user", None)])
def test_message_of_unknown_role_or_without_text_is_refused(role, content):
    with pytest.raises(InvalidInputError, match="roles are system, user, assistant"):
        ChatMessage(role, content)


def test_object_without_achat_is_no_chat_model():
    with pytest.raises(InvalidInputError, match="The judge needs a chat model"):
        check_chat_model(SimpleNamespace(name="x", chat=str), "The judge")


def test_question_is_asked_until_it_is_answered_in_its_form():
    answers = iter(["many", "42"])
    chat = FunctionChatModel(lambda messages: next(answers), name="counting")
    assert ask(chat, Question(HELLO, number_in, "A number."), Retries()) == 42


def test_waiting_or_not_the_last_error_is_raised_as_it_was():
    chat = FunctionChatModel(lambda messages: "many", name="counting")
    question = Question(HELLO, number_in, "A number.")
    with pytest.raises(ChatAnswerError, match="no number: many"):
        ask(chat, question, Retries(2))
    with pytest.raises(ChatAnswerError, match="no number: many"):
        asyncio.run(aask(chat, question, Retries(2)))


@pytest.mark.parametrize(
    "error",
    [
        ConnectionError(),
        TimeoutError(),
        ProviderError(),
        ProviderError(status_code=429),
        ProviderError(status_code=503),
        ProviderError(response=SimpleNamespace(status_code=500)),
        ProviderError(status=408),
        ProviderError(code=502),
        ProviderError(code="rate_limit_exceeded"),
        ChatAnswerError(),
    ],
)
def test_error_that_may_pass_is_worth_retrying(error):
    assert is_worth_retrying(error)


@pytest.mark.parametrize(
    "error",
    [
        ProviderError(status_code=400),
        ProviderError(status_code=401),
        ProviderError(response=SimpleNamespace(status_code=404)),
        ProviderError(code=403),
        InvalidInputError(),
        ImportError(),
        TypeError(),
        KeyboardInterrupt(),
        asyncio.CancelledError(),
    ],
)
def test_error_that_will_come_again_is_not(error):
    assert not is_worth_retrying(error)
