"""The default generator."""

import json
import threading
from pathlib import Path

import pytest

from tagrouter.network import shipped_generator
from tagrouter.tags.embedded import EmbeddedGenerator


@pytest.fixture(scope="module")
def generator() -> EmbeddedGenerator:
    return EmbeddedGenerator()


def test_poem_is_tagged_as_poetry(generator):
    (tags,) = generator.generate(["Write a poem about the sea"])
    assert "poetry" in [tag.name for tag in tags.reported]


def test_weights_have_four_decimals(generator):
    (tags,) = generator.generate(["Write a poem about the sea"])
    assert all(tag.weight == round(tag.weight, 4) for tag in tags.tags)


def test_tags_are_those_above_floor_and_threshold(generator):
    header = generator.network.header
    (tags,) = generator.generate(["Write a poem about the sea"])
    assert min(tag.weight for tag in tags.tags) >= header.weight_floor
    assert {tag.name for tag in tags.reported} == {
        tag.name for tag in tags.tags if tag.weight >= header.threshold
    }


def test_text_of_unknown_characters_has_no_tags(generator):
    (tags,) = generator.generate(["\U000e0041\U000e0042"])
    assert tags.tags == ()


def test_version_is_the_folders(tmp_path):
    header = json.loads((shipped_generator() / "generator.json").read_text(encoding="utf-8"))
    header["version"] = "my own 7"
    (tmp_path / "generator.json").write_text(json.dumps(header), encoding="utf-8")
    assert EmbeddedGenerator(tmp_path).version == "my own 7"


def test_ten_threads_may_use_it_first(generator):
    expected = generator.generate(["Write a poem about the sea"])
    fresh, start, found = EmbeddedGenerator(), threading.Barrier(10), []

    def use() -> None:
        start.wait()
        found.append(fresh.generate(["Write a poem about the sea"]))

    threads = [threading.Thread(target=use) for _ in range(10)]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()
    assert found == [expected] * 10


def test_folder_may_be_given_as_text():
    generator = EmbeddedGenerator(str(shipped_generator()))
    assert generator.folder == Path(shipped_generator())
