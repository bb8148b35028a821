"""Builds a tiny causal language model that has learned a few answers by heart, and saves it."""

from pathlib import Path

import torch
import transformers
from tokenizers import Tokenizer, decoders, models, pre_tokenizers, trainers

from tagrouter.tags.prompts import CARD_PROMPT

START, END, PAD = "<|im_start|>", "<|im_end|>", "<|endoftext|>"
# The form that Qwen's models are trained on.
CHAT_TEMPLATE = (
    "{% for message in messages %}<|im_start|>{{ message['role'] }}\n{{ message['content'] }}"
    "<|im_end|>\n{% endfor %}{% if add_generation_prompt %}<|im_start|>assistant\n{% endif %}"
)
LEARNED = {
    "Write a poem": '["Poetry", "creative writing"]',
    "Fix my Python": "Coding, Python, coding",
    "写一首关于秋天的诗": "1. 诗歌\n2. 写作",
    "Is this legal? I rent a flat and the heating broke": '[{"tag": "law"}, {"tag": "renting"}]',
    # It goes on after its list, as models do that like to explain.
    "Tell me more": '["chat"]\nWhy: more, more, more, more',
    "Say all": "one, two, three, four, five, six, seven, eight, nine, ten",
}
_MAX_STEPS = 400
_CONTEXT = 1024


def save_tiny_model(folder: Path) -> Path:
    """Train for a few seconds until every answer of LEARNED is known; save model and tokenizer."""
    tokenizer = _tokenizer()
    torch.manual_seed(0)
    config = transformers.Qwen2Config(
        vocab_size=len(tokenizer),
        hidden_size=64,
        intermediate_size=128,
        num_hidden_layers=1,
        num_attention_heads=4,
        num_key_value_heads=2,
        max_position_embeddings=_CONTEXT,
        eos_token_id=tokenizer.convert_tokens_to_ids(END),
        tie_word_embeddings=True,
    )
    model = transformers.Qwen2ForCausalLM(config)
    n_threads = torch.get_num_threads()
    # So small a model only loses time by sharing the work.
    torch.set_num_threads(1)
    _learn(model, tokenizer)
    torch.set_num_threads(n_threads)
    # Model cards' settings sample and penalize; a generator has to set them aside.
    model.generation_config.update(do_sample=True, temperature=5.0, repetition_penalty=1.5)
    model.save_pretrained(folder)
    tokenizer.save_pretrained(folder)
    return folder


def _tokenizer() -> transformers.PreTrainedTokenizerFast:
    tokenizer = Tokenizer(models.BPE())
    tokenizer.pre_tokenizer = pre_tokenizers.ByteLevel(add_prefix_space=False)
    tokenizer.decoder = decoders.ByteLevel()
    trainer = trainers.BpeTrainer(
        vocab_size=700,
        special_tokens=[PAD, START, END],
        initial_alphabet=pre_tokenizers.ByteLevel.alphabet(),
        show_progress=False,
    )
    words = [*LEARNED, *LEARNED.values(), "system", "user", "assistant"]
    prompts = [message["content"] for message in CARD_PROMPT.messages("")]
    tokenizer.train_from_iterator([*words, *prompts] * 10, trainer)
    wrapped = transformers.PreTrainedTokenizerFast(
        tokenizer_object=tokenizer, eos_token=END, pad_token=PAD, additional_special_tokens=[START]
    )
    wrapped.chat_template = CHAT_TEMPLATE
    return wrapped


def _learn(model: transformers.Qwen2ForCausalLM, tokenizer) -> None:
    rows, labels = [], []
    for query, answer in LEARNED.items():
        prompt = tokenizer.apply_chat_template(
            CARD_PROMPT.messages(query), tokenize=False, add_generation_prompt=True
        )
        asked = tokenizer(prompt)["input_ids"]
        told = tokenizer(answer + END)["input_ids"]
        rows.append(asked + told)
        labels.append([-100] * len(asked) + told)
    width = max(map(len, rows))
    ids = torch.tensor([row + [0] * (width - len(row)) for row in rows])
    targets = torch.tensor([row + [-100] * (width - len(row)) for row in labels])
    optimizer = torch.optim.AdamW(model.parameters(), lr=1e-2)
    for _ in range(_MAX_STEPS):
        loss = model(input_ids=ids, labels=targets).loss
        if loss.item() < 0.005:
            return
        loss.backward()
        optimizer.step()
        optimizer.zero_grad()
    raise AssertionError(f"The tiny model has not learned its answers: loss {loss.item():.3f}")
