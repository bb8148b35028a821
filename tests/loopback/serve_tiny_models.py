"""Makes two tiny chat models with random weights and serves them: `python THIS FOLDER PORT`.

A process of its own: the tests stay free of torch, and the clients talk to a real
OpenAI-compatible server, `transformers serve`.
"""

import json
import os
import sys
from pathlib import Path

import torch
from tokenizers import Tokenizer, decoders, models, pre_tokenizers, trainers
from transformers import LlamaConfig, LlamaForCausalLM, PreTrainedTokenizerFast
from transformers.cli.transformers import main as transformers_command

CORPUS = Path(__file__).parents[2] / "shared" / "corpus" / "everyday.jsonl"
WIDTHS = {"tiny-small": 32, "tiny-large": 64}
VOCABULARY_SIZE = 600
CHAT_TEMPLATE = (
    "{% for message in messages %}{{ message['role'] }}: {{ message['content'] }}\n{% endfor %}"
    "{% if add_generation_prompt %}assistant:{% endif %}"
)


def make_tokenizer() -> PreTrainedTokenizerFast:
    lines = CORPUS.read_text(encoding="utf-8").splitlines()[:300]
    tokenizer = Tokenizer(models.BPE())
    tokenizer.pre_tokenizer = pre_tokenizers.ByteLevel(add_prefix_space=False)
    tokenizer.decoder = decoders.ByteLevel()
    trainer = trainers.BpeTrainer(
        vocab_size=VOCABULARY_SIZE,
        special_tokens=["<s>", "</s>", "<pad>"],
        initial_alphabet=pre_tokenizers.ByteLevel.alphabet(),
        show_progress=False,
    )
    tokenizer.train_from_iterator((json.loads(line)["query"] for line in lines), trainer)
    wrapped = PreTrainedTokenizerFast(
        tokenizer_object=tokenizer, bos_token="<s>", eos_token="</s>", pad_token="<pad>"
    )
    wrapped.chat_template = CHAT_TEMPLATE
    return wrapped


def make_model(width: int) -> LlamaForCausalLM:
    torch.manual_seed(0)
    model = LlamaForCausalLM(
        LlamaConfig(
            vocab_size=VOCABULARY_SIZE,
            hidden_size=width,
            intermediate_size=2 * width,
            num_hidden_layers=2,
            num_attention_heads=4,
            num_key_value_heads=4,
            max_position_embeddings=2048,
            bos_token_id=0,
            eos_token_id=1,
            pad_token_id=2,
        )
    )
    # An empty answer would prove nothing.
    model.generation_config.suppress_tokens = [0, 1, 2]
    return model


def main(folder: Path, port: str) -> None:
    tokenizer = make_tokenizer()
    for name, width in WIDTHS.items():
        make_model(width).save_pretrained(folder / name)
        tokenizer.save_pretrained(folder / name)
    os.chdir(folder)  # so that a model's name is that of its folder
    options = ["--host", "127.0.0.1", "--port", port, "--device", "cpu", "--dtype", "float32"]
    sys.argv = ["transformers", "serve", *options]
    transformers_command()


if __name__ == "__main__":
    main(Path(sys.argv[1]), sys.argv[2])
