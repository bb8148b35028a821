"""What every tag generator keeps to, whichever it is."""

import copy
import pickle
from collections.abc import Sequence
from pathlib import Path

import pytest

from tagrouter import InvalidInputError, QueryTags, TagGenerator
from tagrouter.chat import ChatMessage, FunctionChatModel
from tagrouter.registry import TAG_GENERATORS, part
from tagrouter.router import make_generator
from tagrouter.tags.gold import GoldGenerator
from tagrouter.tags.normalize import normalize_tag
from tagrouter.tags.prompted import PromptedGenerator
from tagrouter.testing import FakeTagGenerator

ORDINARY = (
    "Write a poem about autumn",
    "What is the capital of France?",
    "Fix this Python function: def f(x) return x",
    "写一首关于秋天的诗",
)
ODD = {
    "emoji only": "🎉🍂🤖",
    "one megabyte": "lorem ipsum " * 87_382,
    "one megabyte without a space": "a" * 1_048_576,
    "NUL bytes": "write\0a\0poem",
    "lone surrogates": "a poem \ud800 about \udfff autumn",
    "unassigned characters": "\U000e0fff\uffff",
    "control characters": "\x01\x02\x1b[31m",
    "one letter": "a",
    "right to left": "اكتب قصيدة عن الخريف",
}

GIVEN = {query: ["Poetry", "Autumn", "creative writing"] for query in (*ORDINARY, *ODD.values())}


def answered(messages: Sequence[ChatMessage]) -> str:
    """What a chat model says: another tag for another query."""
    subject = "autumn" if "autumn" in messages[-1].content else "other"
    return f'{{"tags": ["Poetry", "{subject}", "simple request"]}}'


def make_fake(folder: Path) -> TagGenerator:
    return FakeTagGenerator({"poem": {"poetry": 0.9, "humor": 0.2}}, reporting_threshold=0.5)


def make_gold(folder: Path) -> TagGenerator:
    return GoldGenerator(GIVEN)


def make_prompted(folder: Path) -> TagGenerator:
    return PromptedGenerator(FunctionChatModel(answered, name="scripted"))


def make_transformers(folder: Path) -> TagGenerator:
    pytest.importorskip("torch")
    pytest.importorskip("transformers")
    from tests.tags.tiny_causal_lm import save_tiny_model

    return part_of("transformers")(save_tiny_model(folder), dtype="float32", max_new_tokens=16)


# A generator that is not named here is made without arguments.
MAKE = {
    "fake": make_fake,
    "gold": make_gold,
    "prompted": make_prompted,
    "transformers": make_transformers,
}


@pytest.fixture(scope="module", params=[*TAG_GENERATORS, "fake"])
def generator(request, tmp_path_factory) -> TagGenerator:
    if request.param not in MAKE:
        return part_of(request.param)()
    return MAKE[request.param](tmp_path_factory.mktemp(request.param))


def part_of(name: str) -> type[TagGenerator]:
    return part("tag generator", name)


def test_registered_name_is_its_own(generator):
    assert generator.name == "fake" or part_of(generator.name) is type(generator)


def test_a_profile_that_names_it_gets_the_same_kind_again(generator):
    if generator.name in ("fake", "prompted"):
        assert generator.source == generator.name
    else:
        again = make_generator(generator.source)
        assert type(again) is type(generator)
        assert again.source == generator.source


def test_version_is_text(generator):
    assert isinstance(generator.version, str)
    assert generator.version


def test_one_record_per_query_in_order(generator):
    forward = generator.generate(ORDINARY)
    assert len(forward) == len(ORDINARY)
    assert generator.generate(ORDINARY[::-1]) == forward[::-1]


def test_batch_gives_the_same_as_one_by_one(generator):
    queries = [*ORDINARY, *ODD.values(), *ORDINARY]
    assert generator.generate(queries) == [generator.generate([q])[0] for q in queries]


async def test_waiting_for_it_gives_the_same(generator):
    assert await generator.agenerate(ORDINARY) == generator.generate(ORDINARY)


def test_no_queries_give_no_records(generator):
    assert generator.generate([]) == []


@pytest.mark.parametrize("blank", ["", " ", "\n\t \u3000"], ids=["empty", "space", "whitespace"])
def test_blank_query_has_no_tags(generator, blank):
    assert generator.generate([blank, ORDINARY[0]])[0] == QueryTags()


@pytest.mark.parametrize("query", ODD.values(), ids=ODD.keys())
def test_odd_query_gets_tags_as_they_should_be(generator, query):
    assert_well_formed(generator.generate([query])[0])


@pytest.mark.parametrize("query", ORDINARY)
def test_ordinary_query_gets_tags_as_they_should_be(generator, query):
    assert_well_formed(generator.generate([query])[0])


def assert_well_formed(tags: QueryTags) -> None:
    names = [tag.name for tag in tags.tags]
    weights = [tag.weight for tag in tags.tags]
    assert [normalize_tag(name) for name in names] == names
    assert len(set(names)) == len(names)
    assert weights == sorted(weights, reverse=True)
    assert all(0.0 < weight <= 1.0 for weight in weights)
    assert tags.reported == tags.tags[: len(tags.reported)]


@pytest.mark.parametrize("wrong", [None, 3, b"bytes", ["list"]])
def test_query_that_is_no_str_is_refused(generator, wrong):
    with pytest.raises(InvalidInputError, match=f"A query is a str, not {type(wrong).__name__}"):
        generator.generate([ORDINARY[0], wrong])


@pytest.mark.parametrize("one", ["a query", b"a query"])
def test_one_query_is_not_taken_for_several(generator, one):
    with pytest.raises(InvalidInputError, match="Put it into a list"):
        generator.generate(one)


@pytest.mark.parametrize(
    "copied", [copy.copy, copy.deepcopy, lambda g: pickle.loads(pickle.dumps(g))]
)
def test_copies_give_the_same_tags(generator, copied):
    expected = generator.generate(ORDINARY)
    assert copied(generator).generate(ORDINARY) == expected
