"""Generator folders are read, and refused when they are damaged."""

import json
import pickle
from collections.abc import Callable
from pathlib import Path

import numpy as np
import pytest
from safetensors.numpy import save

from tagrouter import DataFileError, TagGeneratorError
from tagrouter.network import Network, shipped_generator
from tagrouter.router import make_generator
from tagrouter.scores.encoders import EmbeddedEncoder
from tagrouter.tags.embedded import EmbeddedGenerator


@pytest.fixture
def folder(tmp_path) -> Path:
    """The shipped folder, linked file by file: `written` puts another file in a link's place."""
    own = tmp_path / "own"
    own.mkdir()
    for path in shipped_generator().iterdir():
        (own / path.name).symlink_to(path)
    return own


def written(path: Path, content: bytes) -> None:
    path.unlink()
    path.write_bytes(content)


def edited(folder: Path, edit: Callable[[dict], object]) -> Path:
    path = folder / "generator.json"
    header = json.loads(path.read_text(encoding="utf-8"))
    edit(header)
    written(path, json.dumps(header).encode())
    return folder


def test_network_gives_a_probability_per_tag_and_a_unit_vector():
    network = Network(shipped_generator())
    probabilities, vector = network.run("Write a poem about the sea")
    assert probabilities.shape == (len(network.header.tags),)
    assert ((probabilities >= 0) & (probabilities <= 1)).all()
    assert np.linalg.norm(vector) == pytest.approx(1.0, abs=1e-3)


def test_text_of_unknown_characters_says_nothing():
    probabilities, vector = Network(shipped_generator()).run("\U000e0041")
    assert not probabilities.any()
    assert not vector.any()


def test_nothing_is_loaded_before_it_is_used(tmp_path):
    assert Network(tmp_path / "nowhere").folder == tmp_path / "nowhere"


def test_pickled_network_loads_itself_again():
    network = Network(shipped_generator())
    expected = network.run("a poem")[0]
    assert np.array_equal(pickle.loads(pickle.dumps(network)).run("a poem")[0], expected)


def test_folder_of_ones_own_is_a_generator(folder):
    generator = make_generator(str(folder))
    assert generator.generate(["a poem"]) == EmbeddedGenerator().generate(["a poem"])


@pytest.mark.parametrize(
    ("edit", "says"),
    [
        ({"format_version": 2, "new_key": 1}, "format version 2; this release reads 1. Upgrade"),
        ({"wings": 2}, "must have the keys .*it has .*wings"),
        ({"threshold": "high"}, "'threshold' must be float, is 'high'"),
        ({"tags": {}}, "'tags' must be list"),
    ],
)
def test_header_that_cannot_stand_is_refused(folder, edit, says):
    with pytest.raises(DataFileError, match=says):
        _ = Network(edited(folder, lambda row: row.update(edit))).header


@pytest.mark.parametrize("content", [b"", b"{", b"\xff", b"[]"])
def test_broken_header_is_refused(folder, content):
    written(folder / "generator.json", content)
    with pytest.raises(DataFileError, match=r"generator\.json .*train the generator again"):
        _ = Network(folder).header


def test_folder_without_a_header_is_refused_with_the_command(tmp_path):
    with pytest.raises(DataFileError, match=r"not a generator folder.*tagrouter train"):
        _ = Network(tmp_path).header


@pytest.mark.parametrize("name", ["model.onnx", "tokenizer.json"])
@pytest.mark.parametrize("share", [0.0, 0.5, 0.99])
def test_file_that_was_cut_off_is_named(folder, name, share):
    whole = (folder / name).read_bytes()
    written(folder / name, whole[: int(len(whole) * share)])
    with pytest.raises(TagGeneratorError, match=f"{name} cannot be .*train the generator again"):
        EmbeddedGenerator(folder).generate(["a poem"])


@pytest.mark.parametrize("name", ["model.onnx", "tokenizer.json"])
def test_missing_file_is_named(folder, name):
    (folder / name).unlink()
    with pytest.raises(TagGeneratorError, match=f"{name} cannot be"):
        EmbeddedGenerator(folder).generate(["a poem"])


def test_vectors_that_were_cut_off_are_named(folder):
    path = folder / "tag_vectors.safetensors"
    written(path, path.read_bytes()[:-10])
    with pytest.raises(DataFileError, match=r"tag_vectors\.safetensors cannot be read"):
        EmbeddedEncoder(folder).encode(["poetry"])


def test_vectors_for_another_number_of_tags_are_refused(folder):
    written(folder / "tag_vectors.safetensors", save({"tag_vectors": np.zeros((3, 384))}))
    with pytest.raises(DataFileError, match=r"made for 3 tags, generator\.json has"):
        EmbeddedEncoder(folder).encode(["poetry"])


def test_network_for_another_number_of_tags_is_refused(folder):
    edited(folder, lambda row: row["tags"].pop())
    with pytest.raises(TagGeneratorError, match=r"model\.onnx is made for \d+ tags"):
        EmbeddedGenerator(folder).generate(["a poem"])
