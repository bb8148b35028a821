"""MT-Bench single ratings: the question is taken out of what the judge read."""

import json

import pytest

from tagrouter.comparisons import MTBenchImporter, RouteLLMImporter
from tagrouter.comparisons.mt_bench import NO_QUESTION, NO_RATING
from tagrouter.comparisons.ratings import ONLY_REFERENCE_RATED, REFERENCE_NOT_RATED, Rated
from tagrouter.errors import DataFileError, UnknownNameError
from tagrouter.records import Outcome

FIRST, SECOND = "How many legs has a spider?", "And two spiders?"
START = "<|The Start of Assistant A's Conversation with User|>"
END = "<|The End of Assistant A's Conversation with User|>"


def single(answer="Eight.", reference=""):
    """What the judge reads of a first turn; some questions come with a reference answer."""
    known = f"[The Start of Reference Answer]\n{reference}\n[The End of Reference Answer]\n\n"
    return (
        f"[Instruction]\nPlease rate.\n\n[Question]\n{FIRST}\n\n{known if reference else ''}"
        f"[The Start of Assistant's Answer]\n{answer}\n[The End of Assistant's Answer]"
    )


def talk(first="Eight.", second="Sixteen.", reference=""):
    """What the judge reads of a second turn."""
    known = (
        f"<|The Start of Reference Answer|>\n\n### User:\n{FIRST}\n\n### Reference answer:\n"
        f"{reference}\n\n<|The End of Reference Answer|>\n\n\n"
    )
    return (
        f"{known if reference else ''}{START}\n\n### User:\n{FIRST}\n\n### Assistant A:\n{first}"
        f"\n\n### User:\n{SECOND}\n\n### Assistant A:\n{second}\n\n{END}"
    )


def rating(model, score, **changes):
    return {
        "question_id": 101,
        "model": model,
        "judge": ["gpt-4", "single-v1"],
        "user_prompt": single(),
        "judgment": f"Rating: [[{score}]]",
        "score": score,
        "turn": 1,
        "tstamp": 1.5,
        **changes,
    }


def judgments(folder, *lines, name="gpt-4_single.jsonl"):
    path = folder / name
    path.write_text("".join(json.dumps(line) + "\n" for line in lines), encoding="utf-8")
    return path


@pytest.mark.parametrize(
    ("turn", "prompt", "query"),
    [
        (1, single(), FIRST),
        (1, single(reference="8"), FIRST),
        (1, single(answer="[Question]\nno\n\n[The Start of it"), FIRST),
        (2, talk(), f"{FIRST}\n{SECOND}"),
        (2, talk(reference="8"), f"{FIRST}\n{SECOND}"),
    ],
)
def test_question_is_taken_from_every_template_of_the_judge(tmp_path, turn, prompt, query):
    lines = [
        rating(model, score, turn=turn, user_prompt=prompt)
        for model, score in (("large", 9), ("small", 7))
    ]
    (only,) = MTBenchImporter("large").read(judgments(tmp_path, *lines)).comparisons
    assert (only.query, only.model, only.outcome) == (query, "small", Outcome.LOSS)


def test_question_blurred_by_one_answer_is_taken_from_another_models_line(tmp_path):
    blurred = talk(first="Eight.\n\n### User:\nThanks")
    path = judgments(
        tmp_path,
        rating("small", 9, turn=2, user_prompt=blurred),
        rating("large", 9, turn=2, user_prompt=talk()),
    )
    (only,) = MTBenchImporter("large").read(path).comparisons
    assert (only.query, only.outcome) == (f"{FIRST}\n{SECOND}", Outcome.TIE)


def test_ratings_without_use_are_counted_by_reason(tmp_path):
    blurred = talk(second="Sixteen.\n\n### Assistant A:\nOr so.")
    path = judgments(
        tmp_path,
        rating("large", 9),
        rating("small", 7),
        rating("medium", -1),
        rating("small", 7, question_id=102),
        rating("large", 7, question_id=103),
        rating("small", 7, question_id=104, turn=2, user_prompt=blurred),
        rating("large", 7, question_id=104, turn=2, user_prompt=blurred),
    )
    report = MTBenchImporter("large").read(path).report
    assert (report.read, report.used) == (6, 1)
    assert report.skipped == {
        NO_RATING: 1,
        NO_QUESTION: 2,
        REFERENCE_NOT_RATED: 1,
        ONLY_REFERENCE_RATED: 1,
    }


def test_ratings_by_one_judge_are_averaged_and_two_judges_kept_apart(tmp_path):
    path = judgments(
        tmp_path,
        rating("large", 8),
        rating("small", 9),
        rating("small", 6),
        rating("large", 2, judge=["claude", "single-v1"]),
        rating("small", 3, judge=["claude", "single-v1"]),
    )
    by_gpt_4, by_claude = MTBenchImporter("large").rated(path)
    assert isinstance(by_gpt_4, Rated)
    assert isinstance(by_claude, Rated)
    assert by_gpt_4.ratings == {"large": 8.0, "small": 7.5}
    assert by_claude.ratings == {"large": 2.0, "small": 3.0}


def test_tie_band_is_in_rating_points(tmp_path):
    path = judgments(tmp_path, rating("large", 8), rating("small", 7))
    (only,) = MTBenchImporter("large", tie_band=1.5).read(path).comparisons
    assert only.outcome is Outcome.TIE


def test_models_judged_in_two_files_of_a_folder_are_compared(tmp_path):
    judgments(tmp_path, rating("large", 8), name="large.jsonl")
    judgments(tmp_path, rating("small", 9), name="small.jsonl")
    (only,) = MTBenchImporter("large").read(tmp_path).comparisons
    assert (only.model, only.outcome) == ("small", Outcome.WIN)


def test_two_questions_under_one_number_are_refused(tmp_path):
    other = single().replace("spider", "beetle")
    path = judgments(tmp_path, rating("large", 8), rating("small", 9, user_prompt=other))
    with pytest.raises(DataFileError, match=r"jsonl:2: another question than at .*jsonl:1"):
        MTBenchImporter("large").read(path)


def test_model_that_nothing_rates_is_answered_with_the_known_names(tmp_path):
    path = judgments(tmp_path, rating("large", 8), rating("small", 9))
    with pytest.raises(UnknownNameError, match="model 'smal'; known: 'large', 'small'"):
        MTBenchImporter("large", models=["smal"]).read(path)


@pytest.mark.parametrize(
    ("change", "what_the_user_needs"),
    [
        ({"turn": 3}, "'turn' is 3, not 1 or 2"),
        ({"turn": True}, "'turn' is True, not 1 or 2"),
        ({"question_id": None}, "'question_id' is neither a number nor a text"),
        ({"judge": []}, "'judge' is not a list"),
        ({"score": "9"}, "'score' is '9'; it must be a finite number"),
        ({"user_prompt": ""}, "'user_prompt' is blank or not a text"),
    ],
)
def test_broken_rating_names_file_and_line(tmp_path, change, what_the_user_needs):
    path = judgments(tmp_path, rating("large", 8), {**rating("small", 9), **change})
    with pytest.raises(DataFileError, match=rf"single\.jsonl:2: {what_the_user_needs}"):
        MTBenchImporter("large").read(path)


def test_questions_of_published_ratings_are_those_of_the_one_form_file(judgment_data):
    path = judgment_data / "upstream" / "routellm_mt_bench_judgements.jsonl"
    found = [found for found in MTBenchImporter("x").rated(path) if isinstance(found, Rated)]
    one_form = RouteLLMImporter().read(judgment_data / "routellm_mt_bench.jsonl.gz")
    known = {record.query for record in one_form.comparisons}
    assert len(found) == 8
    assert {rated.query for rated in found} <= known


def test_published_sample_holds_one_model_and_says_so(judgment_data):
    path = judgment_data / "upstream" / "routellm_mt_bench_judgements.jsonl"
    with pytest.raises(DataFileError, match="8 skipped: only the reference model has a rating"):
        MTBenchImporter("gpt-4-1106-preview").read(path)
