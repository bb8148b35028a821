"""What the base class does for every tag generator."""

from collections.abc import Sequence

import pytest

from tagrouter import QueryTags, TagGenerator, TagGeneratorError
from tagrouter.errors import MissingExtraError


class Scripted(TagGenerator):
    """Does to each batch what it was told."""

    name = "scripted"

    def __init__(self, behavior) -> None:
        self.behavior = behavior
        self.calls: list[Sequence[str]] = []

    def _generate(self, queries: Sequence[str]) -> list[QueryTags]:
        self.calls.append(queries)
        return self.behavior(queries)


def raising(error: Exception):
    def behavior(queries: Sequence[str]) -> list[QueryTags]:
        raise error

    return behavior


def test_blank_queries_are_not_asked_about():
    generator = Scripted(lambda queries: [QueryTags.of_names([q]) for q in queries])
    tags = generator.generate(["", "poem", "  "])
    assert generator.calls == [["poem"]]
    assert tags == [QueryTags(), QueryTags.of_names(["poem"]), QueryTags()]


def test_batch_of_blank_queries_costs_no_call():
    generator = Scripted(raising(RuntimeError("asked")))
    assert generator.generate(["", " "]) == [QueryTags(), QueryTags()]


def test_failure_names_the_generator_and_keeps_its_cause():
    cause = RuntimeError("out of memory")
    with pytest.raises(TagGeneratorError, match="'scripted' failed on 2 queries: out of") as raised:
        Scripted(raising(cause)).generate(["a", "b"])
    assert raised.value.__cause__ is cause


@pytest.mark.parametrize(
    "error", [TagGeneratorError("mine"), MissingExtraError.of("It", "torch", "transformers")]
)
def test_errors_that_say_enough_pass_as_they_are(error):
    with pytest.raises(type(error)) as raised:
        Scripted(raising(error)).generate(["a"])
    assert raised.value is error


@pytest.mark.parametrize("count", [0, 1, 3])
def test_generator_that_gives_another_number_of_records_is_found_out(count):
    generator = Scripted(lambda queries: [QueryTags()] * count)
    with pytest.raises(TagGeneratorError, match=f"gave {count} records for 2 queries"):
        generator.generate(["a", "b"])
