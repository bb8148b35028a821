"""Members that are real clients; their transport answers in place of a server."""

import json

import pytest

pytest.importorskip("langchain_core")
pytest.importorskip("langchain_openai")

import httpx
from langchain_core.load import dumps
from langchain_openai import ChatOpenAI
from pydantic import BaseModel

from langchain_tagrouter import ChatTagRouter
from tests.langchain_tagrouter.scripted_models import CODE, POEM, tiny_router


class Sum(BaseModel):
    """A sum."""

    total: int


class Server:
    """Answers chat completions and keeps what was asked."""

    def __init__(self):
        self.requests = []

    def __call__(self, request):
        body = json.loads(request.content)
        self.requests.append(body)
        text = '{"total": 5}' if "response_format" in body else f"{body['model']} here"
        if body.get("stream"):
            return httpx.Response(200, text=self._events(body["model"], text))
        message = {"role": "assistant", "content": text}
        choice = {"index": 0, "message": message, "finish_reason": "stop"}
        usage = {"prompt_tokens": 5, "completion_tokens": 2, "total_tokens": 7}
        answer = {"id": "1", "object": "chat.completion", "created": 0, "model": body["model"]}
        return httpx.Response(200, json={**answer, "choices": [choice], "usage": usage})

    def _events(self, model, text):
        pieces = [{"role": "assistant", "content": ""}, *({"content": c} for c in text), {}]
        event = {"id": "1", "object": "chat.completion.chunk", "created": 0, "model": model}
        lines = [
            json.dumps({**event, "choices": [{"index": 0, "delta": piece, "finish_reason": None}]})
            for piece in pieces
        ]
        return "".join(f"data: {line}\n\n" for line in [*lines, "[DONE]"])


@pytest.fixture
def server():
    return Server()


@pytest.fixture
def chat(server):
    client = httpx.Client(transport=httpx.MockTransport(server))
    members = {
        name: ChatOpenAI(model=f"gpt-{name}", api_key="sk-secret", http_client=client)
        for name in ("small", "large")
    }
    return ChatTagRouter(models=members, router=tiny_router())


def test_both_clients_answer(chat, server):
    answers = [chat.invoke(POEM), chat.invoke(CODE)]
    assert [answer.text for answer in answers] == ["gpt-small here", "gpt-large here"]
    assert [request["model"] for request in server.requests] == ["gpt-small", "gpt-large"]
    assert answers[0].response_metadata["model_name"] == "gpt-small"
    assert answers[0].usage_metadata["total_tokens"] == 7


def test_streaming_stays_streaming(chat, server):
    chunks = list(chat.stream(CODE))
    assert "".join(chunk.text for chunk in chunks) == "gpt-large here"
    assert len(chunks) > len("gpt-large here")
    assert server.requests[0]["stream"] is True


def test_tools_go_out_in_the_provider_s_format(chat, server):
    chat.bind_tools([Sum], strict=True, parallel_tool_calls=False, tool_choice="any").invoke(POEM)
    (request,) = server.requests
    assert request["tools"][0]["function"]["strict"] is True
    assert request["parallel_tool_calls"] is False
    assert request["tool_choice"] == "required"


def test_structured_output_uses_the_provider_s_json_schema(chat, server):
    assert chat.with_structured_output(Sum).invoke(POEM) == Sum(total=5)
    assert server.requests[0]["response_format"]["type"] == "json_schema"


def test_keys_of_members_show_up_nowhere(chat):
    assert "sk-secret" not in repr(chat) + str(chat) + dumps(chat) + str(chat.asdict())
