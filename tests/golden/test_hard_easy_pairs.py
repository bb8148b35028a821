"""The list of hard and easy pairs is the one that was written before looking."""

import hashlib
import json
from collections import Counter
from pathlib import Path

PAIRS = Path(__file__).with_name("hard_easy_pairs.jsonl")
WRITTEN_BEFORE_LOOKING = "957791db552ae7342337f6cb53420de605193e02c390217b3f2edb4e8a070cfe"


def test_the_list_has_not_been_edited_since_it_was_written():
    digest = hashlib.sha256(PAIRS.read_bytes()).hexdigest()
    assert digest == WRITTEN_BEFORE_LOOKING, (
        "The list may not follow the router's results. Start a new list beside it instead."
    )


def test_the_list_has_forty_pairs_in_six_languages():
    rows = [json.loads(line) for line in PAIRS.read_text(encoding="utf-8").splitlines()]
    assert [row["id"] for row in rows] == [f"pair/{number:02}" for number in range(1, 41)]
    languages = Counter(row["language"] for row in rows)
    assert languages == {"en": 28, "zh": 8, "es": 1, "fr": 1, "de": 1, "ja": 1}
