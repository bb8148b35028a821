"""Tags by any chat model: what is asked, what is repeated, what is kept, what a failure does."""

import asyncio
import copy
import json
import os
import pickle
import signal
import subprocess
import sys
import threading
import time
from concurrent.futures import ThreadPoolExecutor
from pathlib import Path

import pytest

from tagrouter import InvalidInputError, QueryTags, TagGeneratorError, TagRouter
from tagrouter.chat import ChatMessage, FunctionChatModel
from tagrouter.chat_retries import ChatAnswerError
from tagrouter.network import GeneratorHeader, shipped_generator
from tagrouter.router import make_generator
from tagrouter.tags.corpus import read_corpus
from tagrouter.tags.prompted import PromptedGenerator, suggested_tags
from tagrouter.tags.prompted_prompt import (
    EFFORTS,
    EXAMPLES,
    MAX_QUERY_CHARS,
    FewShotPrompt,
    TagExample,
    read_tags,
)
from tagrouter.testing import FakeEncoder, tiny_profile

REPOSITORY = Path(__file__).parents[2]
POEM = '{"tags": ["poetry", "creative writing", "simple request"]}'
POEM_TAGS = ("poetry", "creative writing", "simple request")


class ScriptedChat:
    """Gives its script's answers in turn, the last one for ever; raises what is an exception."""

    name = "scripted"

    def __init__(self, *script, delay_s=0.0):
        self.script = list(script)
        self.delay_s = delay_s
        self.calls = []
        self.running = self.most_running = self.n_sync = self.n_async = 0
        self._lock = threading.Lock()

    def __getstate__(self):
        return {"script": self.script, "delay_s": self.delay_s}

    def __setstate__(self, state):
        ScriptedChat.__init__(self, *state["script"], delay_s=state["delay_s"])

    def chat(self, messages):
        self.n_sync += 1
        answer = self._begin(messages)
        time.sleep(self.delay_s)
        return self._end(answer)

    async def achat(self, messages):
        self.n_async += 1
        answer = self._begin(messages)
        await asyncio.sleep(self.delay_s)
        return self._end(answer)

    def _begin(self, messages):
        with self._lock:
            self.calls.append(list(messages))
            self.running += 1
            self.most_running = max(self.running, self.most_running)
            answer = self.script.pop(0) if len(self.script) > 1 else self.script[0]
            return answer(query_in(messages)) if callable(answer) else answer

    def _end(self, answer):
        with self._lock:
            self.running -= 1
        if isinstance(answer, BaseException):
            raise answer
        return answer

    @property
    def queries(self):
        return sorted(query_in(messages) for messages in self.calls)


class RateLimitError(Exception):
    status_code = 429


class WrongKeyError(Exception):
    status_code = 401


def query_in(messages):
    """The query is in the last user message that quotes one; a repair follows it."""
    asked = next(m for m in reversed(messages) if "<query>" in m.content)
    return asked.content.partition("<query>\n")[2].partition("\n</query>")[0]


def answer_naming(query):
    """An answer whose one tag tells which query it is for."""
    return json.dumps({"tags": [f"about {query}"]})


def failing_on(bad_query, error):
    return lambda query: error if query == bad_query else answer_naming(query)


def names(tags):
    return tuple(tag.name for tag in tags.reported)


@pytest.fixture(params=["generate", "agenerate"])
def tag(request):
    """Both ways to get tags; every test that takes this holds them to the same result."""
    if request.param == "generate":
        return lambda generator, queries: generator.generate(queries)
    return lambda generator, queries: asyncio.run(generator.agenerate(queries))


@pytest.fixture
def waits():
    return []


# What is asked and understood.


def test_every_tag_has_weight_one_and_is_reported(tag):
    (tags,) = tag(PromptedGenerator(ScriptedChat(POEM)), ["Write a poem"])
    assert tags == QueryTags.of_names(POEM_TAGS)


def test_queries_keep_their_order_and_blank_ones_are_not_asked(tag):
    chat = ScriptedChat(answer_naming)
    tagged = tag(PromptedGenerator(chat), ["b", " ", "a", "b", ""])
    assert [names(tags) for tags in tagged] == [("about b",), (), ("about a",), ("about b",), ()]
    assert chat.queries == ["a", "b"]


def test_async_way_uses_the_models_own_async_calls():
    chat = ScriptedChat(answer_naming)
    asyncio.run(PromptedGenerator(chat).agenerate(["a", "b"]))
    assert (chat.n_sync, chat.n_async) == (0, 2)


def test_router_decides_by_the_models_tags():
    profile = tiny_profile({"poetry": {"small": 0.2}, "coding": {"small": -0.5}})
    generator = PromptedGenerator(ScriptedChat('{"tags": ["coding"]}'))
    router = TagRouter.from_profile(profile, generator=generator, encoder=FakeEncoder())
    assert router.route("Sort a list").model == "large"


def test_prompt_suggests_the_most_frequent_tags_of_the_shipped_generator():
    vocabulary = GeneratorHeader.read(shipped_generator() / "generator.json").tags
    chat = ScriptedChat(POEM)
    PromptedGenerator(chat).generate(["Write a poem"])
    rules = chat.calls[0][0]
    assert rules.role == "system"
    assert suggested_tags() == vocabulary[:200]
    assert all(name in rules.content for name in suggested_tags())


def test_own_tags_and_examples_take_the_place_of_ours():
    chat = ScriptedChat('{"tags": ["parcel"]}')
    example = TagExample("Wo ist mein Paket?", ("parcel", "german"))
    PromptedGenerator(chat, tags=["Parcel", "invoice"], examples=[example]).generate(["Hello"])
    rules, shown, answer, _ = chat.calls[0]
    assert "same form: parcel, invoice." in rules.content
    assert "effort" not in rules.content
    assert "Wo ist mein Paket?" in shown.content
    assert answer == ChatMessage("assistant", '{"tags": ["parcel", "german"]}')


def test_examples_keep_the_rules_of_the_corpus():
    known = GeneratorHeader.read(shipped_generator() / "generator.json").tags
    for example in EXAMPLES:
        assert 3 <= len(example.tags) <= 8
        assert [name in EFFORTS for name in example.tags] == [False] * (len(example.tags) - 1) + [
            True
        ]
        assert set(example.tags) <= set(known)


def test_examples_cover_every_effort_and_none_stands_in_the_corpus():
    corpus = {record.query for record in read_corpus(REPOSITORY / "shared" / "corpus")}
    assert {example.tags[-1] for example in EXAMPLES} == set(EFFORTS)
    assert corpus.isdisjoint(example.query for example in EXAMPLES)


def test_long_query_keeps_its_head_and_its_tail():
    chat = ScriptedChat(POEM)
    PromptedGenerator(chat).generate([f"Summarize: {'x ' * MAX_QUERY_CHARS} In three lines!"])
    asked = query_in(chat.calls[0])
    assert asked.startswith("Summarize:")
    assert asked.endswith("In three lines!")
    assert len(asked) < MAX_QUERY_CHARS + 20


@pytest.mark.parametrize(
    "answer",
    [
        '{"tags": ["poetry", "humor"]}',
        '["poetry", "humor"]',
        '```json\n{"tags": ["Poetry", "humor", "poetry"]}\n```',
        'Here you are: {"tags": ["poetry", "humor"]} Anything else?',
        '<think>Maybe {"tags": ["law"]}?</think>{"tags": ["poetry", "humor"]}',
        '[{"tag": "poetry"}, {"tag": "humor"}]',
        "['poetry', 'humor']",
        "poetry, humor",
        "- poetry\n- humor",
    ],
)
def test_answer_is_read_in_any_form(answer):
    assert read_tags(answer, {"poetry", "humor"}) == ("poetry", "humor")


@pytest.mark.parametrize(
    "answer",
    [
        "",
        "I'm sorry, I can't help with that.",
        "Roses are red, violets are blue",
        "poetry, rain, soft light",
        '{"tags": []}',
        '{"tags": ["none"]}',
        '{"answer": 4}',
        "4",
        "{" * 5000,
    ],
)
def test_answer_without_tags_is_an_error_and_not_made_into_tags(answer):
    with pytest.raises(ChatAnswerError, match="holds no tags"):
        read_tags(answer, {"poetry", "humor"})


def test_one_effort_remains_and_stands_last_among_eight_tags():
    said = ["simple request", *(f"tag {letter}" for letter in "abcdefghi"), "complex request"]
    assert read_tags(json.dumps(said), ()) == (
        *(f"tag {letter}" for letter in "abcdefg"),
        "simple request",
    )


# What is repeated.


def test_error_of_transport_is_repeated_after_growing_waits(tag, waits):
    chat = ScriptedChat(ConnectionError("reset"), TimeoutError(), RateLimitError(), POEM)
    (tags,) = tag(PromptedGenerator(chat, wait_s=1.0, sleep=waits.append), ["Write a poem"])
    assert names(tags) == POEM_TAGS
    # One second doubled and doubled again, with up to one second of jitter.
    assert all(base <= wait <= base + 1 for base, wait in zip([1, 2, 4], waits, strict=True))


def test_unreadable_answer_is_shown_to_the_model_and_asked_again_at_once(tag, waits):
    chat = ScriptedChat("Roses are red", POEM)
    (tags,) = tag(PromptedGenerator(chat, sleep=waits.append), ["Write a poem"])
    assert names(tags) == POEM_TAGS
    first, second = chat.calls
    assert second[: len(first)] == first
    assert second[-2] == ChatMessage("assistant", "Roses are red")
    assert "JSON" in second[-1].content
    assert sum(waits) == 0


def test_empty_answer_is_asked_again_without_an_empty_message(tag):
    chat = ScriptedChat(" ", POEM)
    tag(PromptedGenerator(chat), ["Write a poem"])
    assert chat.calls[0] == chat.calls[1]


@pytest.mark.parametrize("error", [WrongKeyError("key"), TypeError("chat() got ...")])
def test_lasting_error_is_not_repeated(tag, error):
    chat = ScriptedChat(error)
    with pytest.raises(TagGeneratorError, match=type(error).__name__):
        tag(PromptedGenerator(chat), ["Write a poem"])
    assert len(chat.calls) == 1


# What a failure does.


def test_after_the_last_try_the_cause_is_raised(tag, waits):
    chat = ScriptedChat(ConnectionError("reset by peer"))
    generator = PromptedGenerator(chat, retries=2, sleep=waits.append)
    with pytest.raises(TagGeneratorError, match=r"1 of 1 .*'scripted'.*reset by peer") as caught:
        tag(generator, ["Write a poem"])
    assert isinstance(caught.value.__cause__, ConnectionError)
    assert len(chat.calls) == 3


def test_no_tags_policy_goes_on_logs_and_keeps_no_failure(tag, caplog):
    chat = ScriptedChat(failing_on("b", "no tags here"))
    generator = PromptedGenerator(chat, retries=0, on_failure="no_tags")
    tagged = tag(generator, ["a", "b", "c"])
    assert [names(tags) for tags in tagged] == [("about a",), (), ("about c",)]
    assert "A query gets no tags" in caplog.text
    chat.script = [answer_naming]
    assert names(tag(generator, ["b"])[0]) == ("about b",)


def test_answers_to_the_others_survive_a_failure(tag):
    chat = ScriptedChat(failing_on("b", WrongKeyError()))
    generator = PromptedGenerator(chat, max_concurrency=1)
    with pytest.raises(TagGeneratorError, match="2 of 3"):
        tag(generator, ["a", "b", "c"])
    assert chat.queries == ["a", "b"]
    chat.script = [answer_naming]
    tag(generator, ["a", "b", "c"])
    assert chat.queries == ["a", "b", "b", "c"]


def test_all_failures_of_calls_in_flight_are_chained(tag):
    chat = ScriptedChat(WrongKeyError("one"), WrongKeyError("two"), delay_s=0.05)
    with pytest.raises(TagGeneratorError, match="2 of 2") as caught:
        tag(PromptedGenerator(chat), ["a", "b"])
    assert isinstance(caught.value.__cause__, ExceptionGroup)
    assert {str(error) for error in caught.value.__cause__.exceptions} == {"one", "two"}


def test_missing_package_of_the_model_is_raised_as_it_is_under_any_policy(tag):
    generator = PromptedGenerator(ScriptedChat(ImportError("pip install")), on_failure="no_tags")
    with pytest.raises(ImportError, match="pip install"):
        tag(generator, ["a", "b"])


def test_answer_that_is_no_text_says_how_to_wrap_the_model(tag):
    with pytest.raises(InvalidInputError, match="LlamaIndexChatModel"):
        tag(PromptedGenerator(ScriptedChat(["poetry"])), ["a"])


def test_call_that_is_cancelled_from_within_is_a_failure_and_not_an_empty_list():
    generator = PromptedGenerator(ScriptedChat(asyncio.CancelledError()))
    with pytest.raises(TagGeneratorError, match="CancelledError"):
        asyncio.run(generator.agenerate(["a", "b"]))


async def test_cancelled_agenerate_starts_no_further_call():
    chat = ScriptedChat(answer_naming, delay_s=0.05)
    task = asyncio.create_task(
        PromptedGenerator(chat, max_concurrency=1).agenerate(["a", "b", "c"])
    )
    await asyncio.sleep(0.01)
    task.cancel()
    with pytest.raises(asyncio.CancelledError):
        await task
    await asyncio.sleep(0.08)
    assert len(chat.calls) == 1


@pytest.mark.parametrize("queries", ["one query", [1], [b"bytes"]])
def test_queries_of_another_type_are_refused(tag, queries):
    with pytest.raises(InvalidInputError, match=r"takes a list|A query is a str"):
        tag(PromptedGenerator(ScriptedChat(POEM)), queries)


# Concurrency.


def test_calls_at_a_time_are_bounded(tag):
    chat = ScriptedChat(answer_naming, delay_s=0.01)
    tagged = tag(PromptedGenerator(chat, max_concurrency=3), [str(i) for i in range(12)])
    assert [names(tags) for tags in tagged] == [(f"about {i}",) for i in range(12)]
    assert chat.most_running == 3


async def test_the_bound_holds_over_many_calls_of_agenerate():
    chat = ScriptedChat(answer_naming, delay_s=0.01)
    generator = PromptedGenerator(chat, max_concurrency=2)
    await asyncio.gather(*(generator.agenerate([str(i)]) for i in range(8)))
    assert chat.most_running == 2


def test_the_bound_holds_over_many_threads():
    chat = ScriptedChat(answer_naming, delay_s=0.01)
    generator = PromptedGenerator(chat, max_concurrency=2)
    with ThreadPoolExecutor(8) as pool:
        list(pool.map(generator.generate, [[str(i)] for i in range(8)]))
    assert chat.most_running == 2


def test_interrupted_generate_starts_no_further_call():
    chat = ScriptedChat(KeyboardInterrupt(), answer_naming, delay_s=0.02)
    with pytest.raises(KeyboardInterrupt):
        PromptedGenerator(chat, max_concurrency=1).generate(list("abcdefgh"))
    # The worker may have taken the next one before it was told.
    assert len(chat.calls) <= 2


def test_generator_serves_one_event_loop_after_another():
    generator = PromptedGenerator(ScriptedChat(answer_naming, delay_s=0.001), max_concurrency=1)
    for batch in (["a", "b"], ["c", "d"]):
        assert len(asyncio.run(generator.agenerate(batch))) == 2


# What is kept.


def test_known_query_is_not_asked_again(tag):
    chat = ScriptedChat(answer_naming)
    generator = PromptedGenerator(chat)
    assert tag(generator, ["a"]) == tag(generator, ["a"])
    assert len(chat.calls) == 1


def test_memory_keeps_the_queries_that_were_used_last(tag):
    chat = ScriptedChat(answer_naming)
    generator = PromptedGenerator(chat, cache_size=2)
    for query in ("a", "b", "a", "c", "a", "b"):
        tag(generator, [query])
    assert chat.queries == ["a", "b", "b", "c"]


def test_later_run_goes_on_from_the_cache_file(tag, tmp_path):
    path = tmp_path / "tags.jsonl"
    queries = ["Write a poem", "写一首诗", "half \ud83d pair", "two\nlines"]
    first = tag(PromptedGenerator(ScriptedChat(POEM), cache_file=path), queries)
    chat = ScriptedChat(POEM)
    again = tag(PromptedGenerator(chat, cache_file=path, cache_size=0), [*queries, "new"])
    assert again[:4] == first
    assert chat.queries == ["new"]


def test_cache_file_is_a_tag_corpus(tmp_path):
    path = tmp_path / "tags.jsonl"
    PromptedGenerator(ScriptedChat(POEM), cache_file=path).generate(["Write a poem", "写一首诗"])
    records = read_corpus(path)
    assert {record.query for record in records} == {"Write a poem", "写一首诗"}
    assert {record.tags for record in records} == {POEM_TAGS}


def test_records_of_other_prompts_and_models_are_left_alone(tmp_path):
    path = tmp_path / "tags.jsonl"
    PromptedGenerator(ScriptedChat(POEM), cache_file=path).generate(["a"])
    other_model = FunctionChatModel(lambda messages: '["law"]', name="other")
    other_prompt = ScriptedChat('["haiku"]')
    assert names(PromptedGenerator(other_model, cache_file=path).generate(["a"])[0]) == ("law",)
    generator = PromptedGenerator(other_prompt, tags=["haiku"], cache_file=path)
    assert names(generator.generate(["a"])[0]) == ("haiku",)
    assert len(read_corpus(path)) == 3


@pytest.mark.parametrize(
    ("n_bytes_lost", "asked_again"), [(1, []), (2, ["b"]), (10, ["b"]), (60, ["b"])]
)
def test_torn_last_line_is_asked_again_and_the_file_is_whole(tmp_path, n_bytes_lost, asked_again):
    path = tmp_path / "tags.jsonl"
    generator = PromptedGenerator(ScriptedChat(answer_naming), cache_file=path)
    for query in ("a", "b"):
        generator.generate([query])
    path.write_bytes(path.read_bytes()[:-n_bytes_lost])
    chat = ScriptedChat(answer_naming)
    PromptedGenerator(chat, cache_file=path).generate(["a", "b", "c"])
    assert chat.queries == [*asked_again, "c"]
    assert sorted(record.query for record in read_corpus(path)) == ["a", "b", "c"]


@pytest.mark.parametrize("text", ["my diary", "first\nsecond", '{"id": "mine", "que', "\0\0"])
def test_last_line_that_no_answer_left_behind_is_refused_and_stays(tag, tmp_path, text):
    path = tmp_path / "notes.txt"
    path.write_text(text)
    with pytest.raises(TagGeneratorError, match=r"notes\.txt:1: not JSON.*name another file"):
        tag(PromptedGenerator(ScriptedChat(POEM), cache_file=path), ["a"])
    assert path.read_text() == text


@pytest.mark.parametrize(
    "line", ["not JSON", "[]", '{"id": "x", "query": "q"}', '{"id": "x", "tags": [1]}']
)
def test_broken_line_is_refused_with_its_place(tag, tmp_path, line):
    path = tmp_path / "tags.jsonl"
    path.write_text(f'{{"id": "x", "query": "q", "tags": ["law"]}}\n{line}\n{{"x": 1}}\n')
    chat = ScriptedChat(POEM)
    with pytest.raises(TagGeneratorError, match=r"tags\.jsonl:2: .*mend or remove"):
        tag(PromptedGenerator(chat, cache_file=path), ["a"])
    assert chat.calls == []


def test_folder_that_is_not_there_is_met_before_anything_is_asked(tag, tmp_path):
    chat = ScriptedChat(POEM)
    generator = PromptedGenerator(chat, cache_file=tmp_path / "none" / "tags.jsonl")
    with pytest.raises(TagGeneratorError, match="no folder"):
        tag(generator, ["a"])
    assert chat.calls == []


def test_file_that_cannot_be_written_is_an_error_under_any_policy(tag, tmp_path):
    path = tmp_path / "tags.jsonl"
    path.touch()
    chat = ScriptedChat(POEM)
    generator = PromptedGenerator(chat, cache_file=path, on_failure="no_tags")
    tag(generator, ["a"])
    path.unlink()
    path.mkdir()
    with pytest.raises(TagGeneratorError, match="cannot be written"):
        tag(generator, ["b"])
    assert names(tag(generator, ["b"])[0]) == POEM_TAGS  # the answer is in memory
    assert chat.queries == ["a", "b"]


KILLED = """
import os, signal, sys
from tagrouter.chat import FunctionChatModel
from tagrouter.tags.prompted import PromptedGenerator
n = 0
def answer(messages):
    global n
    n += 1
    if n == 4:
        os.kill(os.getpid(), signal.SIGKILL)
    return '{"tags": ["poetry"]}'
chat = FunctionChatModel(answer, name="scripted")
PromptedGenerator(chat, cache_file=sys.argv[1], max_concurrency=1).generate(list("abcdef"))
"""


def test_killed_run_loses_only_the_call_in_flight(tmp_path):
    path = tmp_path / "tags.jsonl"
    environment = {**os.environ, "PYTHONPATH": os.pathsep.join(filter(None, sys.path))}
    command = [sys.executable, "-c", KILLED, str(path)]
    assert subprocess.run(command, env=environment, check=False).returncode == -signal.SIGKILL
    chat = ScriptedChat('{"tags": ["poetry"]}')
    PromptedGenerator(chat, cache_file=path).generate(list("abcdef"))
    assert chat.queries == ["d", "e", "f"]


# How it is made, shown and copied.


def test_name_alone_says_how_to_build_the_generator():
    with pytest.raises(InvalidInputError, match=r"none was given.*LangChainChatModel\(model\)"):
        make_generator("prompted")


def test_something_else_than_a_chat_model_is_refused_with_the_ways_to_wrap_it():
    with pytest.raises(InvalidInputError, match=r"function came.*FunctionChatModel\(function"):
        PromptedGenerator(lambda messages: POEM)


@pytest.mark.parametrize(
    ("setting", "message"),
    [
        ({"on_failure": "ignore"}, "'raise' or 'no_tags'"),
        ({"max_concurrency": 0}, "1 or more"),
        ({"retries": -1}, "counted from 0"),
        ({"wait_s": float("nan")}, "give seconds"),
        ({"cache_size": -1}, "number of queries"),
    ],
)
def test_setting_out_of_range_is_refused(setting, message):
    with pytest.raises(InvalidInputError, match=message):
        PromptedGenerator(ScriptedChat(POEM), **setting)


def test_repr_shows_no_secret_of_the_chat_model():
    class KeyedChat(ScriptedChat):
        def __repr__(self):
            return "KeyedChat(api_key='sk-secret')"

    generator = PromptedGenerator(KeyedChat(POEM))
    assert "sk-secret" not in repr(generator)
    assert "'scripted'" in repr(generator)


def test_version_changes_with_model_name_and_prompt():
    one = PromptedGenerator(ScriptedChat(POEM))
    same = PromptedGenerator(ScriptedChat("[]"), retries=0)
    other_tags = PromptedGenerator(ScriptedChat(POEM), tags=["law"])
    other_model = PromptedGenerator(FunctionChatModel(str, name="other"))
    assert one.version == same.version
    assert len({one.version, other_tags.version, other_model.version}) == 3


@pytest.mark.parametrize("made", [copy.deepcopy, lambda x: pickle.loads(pickle.dumps(x))])
def test_copy_works_on_its_own(tag, made):
    generator = PromptedGenerator(ScriptedChat(POEM))
    tag(generator, ["a"])
    assert names(tag(made(generator), ["a"])[0]) == POEM_TAGS


def test_prompt_suggests_a_tag_once_and_normalized():
    assert FewShotPrompt(["Law", "law", "!", "trivial request"]).tags == ("law",)
