"""The training loop of the embedded generator: BCE over tags, early stopping, fixed seeds."""

import random
from collections import Counter
from collections.abc import Callable, Iterator, Sequence
from dataclasses import dataclass, field

import numpy as np
import numpy.typing as npt
import torch
from torch import Tensor, nn

from tagrouter.errors import InvalidInputError
from tagrouter.tags.corpus import TaggedQuery
from tagrouter.tags.training.base_model import BaseModel
from tagrouter.tags.training.student import Student
from tagrouter.wordpieces import QueryTokenizer

Floats = npt.NDArray[np.float64]


@dataclass(frozen=True, slots=True)
class TrainingOptions:
    """What may be turned. The defaults made the shipped generator.

    Attributes:
        epochs: Passes over the training part at most.
        patience: Epochs without a better validation F1 before training stops.
        batch_size: Queries a step.
        learning_rate: Peak step size of the pretrained weights.
        head_learning_rate: Peak step size of the head and of appended embeddings.
        min_tag_count: A tag needs this many training queries to be learned.
        max_tokens: Longest query in training; head and tail are kept.
        seed: Of every random choice.
    """

    epochs: int = 6
    patience: int = 2
    batch_size: int = 32
    learning_rate: float = 1e-4
    head_learning_rate: float = 3e-3
    min_tag_count: int = 5
    max_tokens: int = 160
    seed: int = 0


@dataclass(frozen=True, slots=True)
class EpochReport:
    """How an epoch ended.

    Attributes:
        epoch: Counted from 1.
        loss: Mean training loss a query.
        threshold: Reporting threshold with the best validation F1.
        f1: That micro-averaged F1.
        improved: Whether it is the best so far.
    """

    epoch: int
    loss: float
    threshold: float
    f1: float
    improved: bool


@dataclass(frozen=True)
class TrainedStudent:
    """The best epoch's network and what belongs to it.

    Attributes:
        student: The network, in evaluation mode.
        tags: Its outputs, most frequent first.
        threshold: Reporting threshold chosen on the validation part.
        base_rates: Training frequency of each tag, of shape (n_tags,).
        reports: One per epoch.
    """

    student: Student
    tags: tuple[str, ...]
    threshold: float
    base_rates: Floats
    reports: tuple[EpochReport, ...] = field(default=())


def learnable_tags(records: Sequence[TaggedQuery], min_count: int) -> tuple[str, ...]:
    """List the tags with enough examples, most frequent first, then by name.

    Args:
        records: The training part.
        min_count: Examples a tag needs.

    Returns:
        Tag names.

    Raises:
        InvalidInputError: If no tag has enough examples.
    """
    counts = Counter(tag for record in records for tag in record.tags)
    tags = sorted((t for t, n in counts.items() if n >= min_count), key=lambda t: (-counts[t], t))
    if not tags:
        raise InvalidInputError(
            f"No tag has {min_count} training queries among {len(records)}. "
            "Add queries, or lower --min-tag-count."
        )
    return tuple(tags)


def train_student(
    base: BaseModel,
    train: Sequence[TaggedQuery],
    validation: Sequence[TaggedQuery],
    options: TrainingOptions,
    on_step: Callable[[int, int], None] = lambda done, total: None,
    on_epoch: Callable[[EpochReport], None] = lambda report: None,
) -> TrainedStudent:
    """Train a student and keep its best epoch.

    Args:
        base: Encoder and tokenizer to start from.
        train: What gradients see.
        validation: What the threshold and the stopping are decided on.
        options: The knobs.
        on_step: Called with (steps done, steps at most).
        on_epoch: Called after each epoch.

    Returns:
        The student of the epoch with the best validation F1.
    """
    _seed_everything(options.seed)
    tags = learnable_tags(train, options.min_tag_count)
    tokenizer = QueryTokenizer(base.tokenizer, options.max_tokens)
    ids = [tokenizer.ids(record.query) for record in train]
    labels = _labels(train, tags)
    unknown = base.unknown_id
    student = Student(base.encoder, len(base.new_tokens), unknown, len(tags))
    base_rates = labels.mean(0)
    _start_head(student, tokenizer, tags, base_rates)
    optimizer = _optimizer(student, options)
    steps = -(-len(train) // options.batch_size)
    total = steps * options.epochs
    schedule = torch.optim.lr_scheduler.LambdaLR(
        optimizer, lambda step: min((step + 1) / (0.1 * total), max(0.0, 1 - step / total))
    )
    validation_ids = [tokenizer.ids(record.query) for record in validation]
    best: tuple[EpochReport, dict[str, Tensor]] | None = None
    reports: list[EpochReport] = []
    shuffler = random.Random(options.seed)
    done = 0
    for epoch in range(1, options.epochs + 1):
        student.train()
        losses = 0.0
        for batch in _batches(ids, options.batch_size, shuffler):
            loss = _loss(student, [ids[i] for i in batch], labels[batch])
            optimizer.zero_grad()
            loss.backward()  # type: ignore[no-untyped-call]
            nn.utils.clip_grad_norm_(student.parameters(), 1.0)
            optimizer.step()
            schedule.step()
            losses += loss.item() * len(batch)
            done += 1
            on_step(done, total)
        probabilities = predict(student, validation_ids, options.batch_size)
        threshold, f1 = best_threshold(probabilities, [r.tags for r in validation], tags)
        improved = best is None or f1 > best[0].f1
        report = EpochReport(epoch, losses / len(train), threshold, f1, improved)
        reports.append(report)
        on_epoch(report)
        if improved:
            best = report, {k: v.detach().clone() for k, v in student.state_dict().items()}
        elif best is not None and epoch - best[0].epoch >= options.patience:
            break
    assert best is not None  # options.epochs >= 1 is checked where options are parsed
    student.load_state_dict(best[1])
    student.eval()
    return TrainedStudent(student, tags, best[0].threshold, base_rates, tuple(reports))


def best_threshold(
    probabilities: Floats, gold: Sequence[Sequence[str]], tags: Sequence[str]
) -> tuple[float, float]:
    """Find the threshold with the best micro-averaged F1.

    Args:
        probabilities: Of shape (n_queries, n_tags).
        gold: The true tags of each query; those that are not in `tags` count against recall.
        tags: Names of the columns.

    Returns:
        The threshold, a multiple of 0.01, and its F1.
    """
    column = {tag: i for i, tag in enumerate(tags)}
    truth = np.zeros(probabilities.shape, dtype=bool)
    for row, names in enumerate(gold):
        truth[row, [column[name] for name in names if name in column]] = True
    n_gold = sum(len(names) for names in gold)
    best = (0.5, -1.0)
    for hundredths in range(5, 96):
        chosen = probabilities >= hundredths / 100
        hits = float((chosen & truth).sum())
        f1 = 2 * hits / max(1.0, float(chosen.sum()) + n_gold)
        if f1 > best[1]:
            best = (hundredths / 100, f1)
    return best


@torch.no_grad()
def predict(student: Student, ids: Sequence[Sequence[int]], batch_size: int) -> Floats:
    """Compute tag probabilities.

    Args:
        student: The network; it is left in evaluation mode.
        ids: Token ids of each query.
        batch_size: Queries a forward pass.

    Returns:
        Probabilities of shape (n_queries, n_tags).
    """
    student.eval()
    order = sorted(range(len(ids)), key=lambda i: len(ids[i]))
    rows: list[Floats] = [np.empty(0)] * len(ids)
    for start in range(0, len(order), batch_size):
        chosen = order[start : start + batch_size]
        probabilities = torch.sigmoid(student(*_pad([ids[i] for i in chosen]))).double().numpy()
        for i, row in zip(chosen, probabilities, strict=True):
            rows[i] = row
    return np.stack(rows)


def _seed_everything(seed: int) -> None:
    torch.manual_seed(seed)
    torch.use_deterministic_algorithms(True)


def _labels(records: Sequence[TaggedQuery], tags: Sequence[str]) -> Floats:
    column = {tag: i for i, tag in enumerate(tags)}
    labels = np.zeros((len(records), len(tags)))
    for row, record in enumerate(records):
        labels[row, [column[tag] for tag in record.tags if tag in column]] = 1.0
    return labels


@torch.no_grad()
def _start_head(
    student: Student, tokenizer: QueryTokenizer, tags: Sequence[str], base_rates: Floats
) -> None:
    student.eval()
    vectors = student.embed(*_pad([tokenizer.ids(tag) for tag in tags]))
    student.start_head(vectors, torch.tensor(base_rates, dtype=torch.float32))


def _optimizer(student: Student, options: TrainingOptions) -> torch.optim.Optimizer:
    fresh = {"new_embeddings", "head.weight", "head.bias"}
    named = list(student.named_parameters())
    slow = [p for name, p in named if name not in fresh]
    fast = [p for name, p in named if name in fresh]
    return torch.optim.AdamW(
        [
            {"params": slow, "lr": options.learning_rate, "weight_decay": 0.01},
            {"params": fast, "lr": options.head_learning_rate, "weight_decay": 0.0},
        ]
    )


def _batches(
    ids: Sequence[Sequence[int]], size: int, shuffler: random.Random
) -> Iterator[list[int]]:
    """Shuffle into batches of similar length: less padding, three times the speed."""
    order = list(range(len(ids)))
    shuffler.shuffle(order)
    pool = size * 40
    batches: list[list[int]] = []
    for start in range(0, len(order), pool):
        group = sorted(order[start : start + pool], key=lambda i: len(ids[i]))
        batches += [group[i : i + size] for i in range(0, len(group), size)]
    shuffler.shuffle(batches)
    yield from batches


def _loss(student: Student, ids: Sequence[Sequence[int]], labels: Floats) -> Tensor:
    # bfloat16 halves the time on CPUs that have it and costs no F1; sums stay in float32.
    with torch.autocast("cpu", dtype=torch.bfloat16):
        logits = student(*_pad(ids))
    targets = torch.tensor(labels, dtype=torch.float32)
    loss = nn.functional.binary_cross_entropy_with_logits(logits.float(), targets, reduction="sum")
    return loss / len(ids)


def _pad(ids: Sequence[Sequence[int]]) -> tuple[Tensor, Tensor]:
    width = max(len(row) for row in ids)
    padded = torch.zeros(len(ids), width, dtype=torch.long)
    mask = torch.zeros(len(ids), width, dtype=torch.long)
    for i, row in enumerate(ids):
        padded[i, : len(row)] = torch.tensor(row)
        mask[i, : len(row)] = 1
    return padded, mask
