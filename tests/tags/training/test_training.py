"""Training for real, on a tiny network with random weights that the tests build and save."""

import json

import numpy as np
import pytest

torch = pytest.importorskip("torch")
transformers = pytest.importorskip("transformers")
pytest.importorskip("onnxscript")

from tokenizers import Tokenizer, models, normalizers, pre_tokenizers, processors  # noqa: E402

from tagrouter import DataFileError, InvalidInputError, TagRouter  # noqa: E402
from tagrouter.cli.main import main  # noqa: E402
from tagrouter.network import Network  # noqa: E402
from tagrouter.tags.corpus import read_corpus, split_corpus  # noqa: E402
from tagrouter.tags.embedded import EmbeddedGenerator  # noqa: E402
from tagrouter.tags.training.base_model import load_base_model  # noqa: E402
from tagrouter.tags.training.trainer import best_threshold, learnable_tags  # noqa: E402

WORDS = {
    "poem": ("poetry", "writing"),
    "python": ("coding",),
    "law": ("law", "advice"),
    "诗": ("poetry", "chinese"),
}
FILLERS = ("please", "help", "me", "with", "this", "now")


@pytest.fixture(scope="module")
def base(tmp_path_factory):
    """A BERT of one layer with a vocabulary of a dozen words, saved like a real one."""
    folder = tmp_path_factory.mktemp("base")
    words = ["[PAD]", "[UNK]", "[CLS]", "[SEP]", *FILLERS, "poem", "python", "law"]
    vocabulary = {word: number for number, word in enumerate(words)}
    tokenizer = Tokenizer(models.WordPiece(vocabulary, unk_token="[UNK]"))
    tokenizer.normalizer = normalizers.BertNormalizer()
    tokenizer.pre_tokenizer = pre_tokenizers.BertPreTokenizer()
    tokenizer.post_processor = processors.BertProcessing(("[SEP]", 3), ("[CLS]", 2))
    tokenizer.save(str(folder / "tokenizer.json"))
    torch.manual_seed(0)
    config = transformers.BertConfig(
        vocab_size=len(vocabulary),
        hidden_size=32,
        num_hidden_layers=1,
        num_attention_heads=2,
        intermediate_size=64,
    )
    transformers.BertModel(config, add_pooling_layer=False).save_pretrained(folder)
    return folder


@pytest.fixture(scope="module")
def corpus(tmp_path_factory):
    """Queries whose tags follow from one word each."""
    path = tmp_path_factory.mktemp("corpus") / "corpus.jsonl"
    rows = []
    for number in range(600):
        word = list(WORDS)[number % len(WORDS)]
        filler = " ".join(FILLERS[(number // 4 + k) % len(FILLERS)] for k in range(number // 4 % 4))
        row = {"id": f"q/{number}", "query": f"{filler} {word}", "tags": list(WORDS[word])}
        rows.append(json.dumps(row))
    path.write_text("\n".join(rows), encoding="utf-8")
    return path


@pytest.fixture(scope="module")
def trained(base, corpus, tmp_path_factory):
    """A generator folder made by the command."""
    folder = tmp_path_factory.mktemp("trained") / "generator"
    arguments = [
        "--base",
        str(base),
        "--epochs",
        "8",
        "--learning-rate",
        "0.003",
        "--batch-size",
        "8",
    ]
    assert main(["train", str(corpus), "-o", str(folder), *arguments]) == 0
    return folder


def test_a_trained_generator_has_learned_what_words_mean(trained):
    generator = EmbeddedGenerator(trained)
    reported = [
        {tag.name for tag in tags.reported}
        for tags in generator.generate(["poem please", "python help", "law now"])
    ]
    assert reported == [{"poetry", "writing"}, {"coding"}, {"law", "advice"}]


def test_characters_missing_from_the_base_get_an_embedding(trained):
    (tags,) = EmbeddedGenerator(trained).generate(["诗"])
    assert {tag.name for tag in tags.reported} == {"poetry", "chinese"}


def test_the_header_tells_how_it_was_made(trained, base):
    header = Network(trained).header
    assert header.provenance["base_model"] == str(base)
    assert header.provenance["corpus"]["train"] > 500
    assert header.provenance["validation"]["f1"] == pytest.approx(1.0)
    assert header.provenance["options"]["epochs"] == 8


def test_training_again_gives_the_same_bytes(base, corpus, tmp_path):
    for name in ("one", "two"):
        arguments = ["--base", str(base), "--epochs", "1", "-o", str(tmp_path / name)]
        assert main(["train", str(corpus), *arguments]) == 0
    for file in ("model.onnx", "tokenizer.json", "generator.json", "tag_vectors.safetensors"):
        assert (tmp_path / "one" / file).read_bytes() == (tmp_path / "two" / file).read_bytes()


def test_a_router_uses_a_trained_generator_by_its_folder(trained):
    router = TagRouter.from_profile("tiers", generator=str(trained))
    assert router.route("poem please").model in ("small", "large")


def test_a_folder_in_use_is_refused_before_training(corpus, tmp_path, capsys):
    (tmp_path / "full").mkdir()
    (tmp_path / "full" / "file").write_text("mine")
    assert main(["train", str(corpus), "-o", str(tmp_path / "full")]) == 1
    assert "exists and is not empty" in capsys.readouterr().err


def test_a_broken_corpus_line_is_named(tmp_path, capsys):
    (tmp_path / "c.jsonl").write_text('{"id": "a", "query": "b", "tags": ["c"]}\n{"id": "d"}\n')
    assert main(["train", str(tmp_path / "c.jsonl"), "-o", str(tmp_path / "out")]) == 1
    assert "c.jsonl:2" in capsys.readouterr().err
    assert not (tmp_path / "out").exists()


def test_a_base_that_is_no_model_is_refused(tmp_path):
    (tmp_path / "empty").mkdir()
    with pytest.raises(DataFileError, match="cannot be loaded as a BERT-shaped model"):
        load_base_model(str(tmp_path / "empty"), ["query"])


def test_too_few_examples_of_every_tag_are_refused(corpus):
    with pytest.raises(InvalidInputError, match="No tag has 10000 training queries"):
        learnable_tags(read_corpus(corpus), 10_000)


def test_the_best_threshold_is_found_by_hand():
    # At 0.35 and below all three right tags are found with no wrong one; above, one is lost.
    probabilities = np.array([[0.9, 0.1], [0.2, 0.4], [0.6, 0.3]])
    threshold, f1 = best_threshold(probabilities, [["a"], ["b"], ["a"]], ["a", "b"])
    assert 0.3 < threshold <= 0.4
    assert f1 == 1.0


def test_the_split_is_disjoint_and_depends_on_ids_alone(corpus):
    records = read_corpus(corpus)
    split = split_corpus(records)
    parts = [{r.id for r in part} for part in (split.train, split.validation, split.calibration)]
    assert sum(map(len, parts)) == len(records) == len(set.union(*parts))
    again = split_corpus(records[::-1])
    assert {r.id for r in again.validation} == parts[1]
