"""Battles of two models: those with the reference model become comparisons, the rest is told."""

import json

import pytest

from tagrouter.comparisons import ArenaImporter
from tagrouter.comparisons.arena import NO_QUERY, NO_WINNER, WITHOUT_REFERENCE
from tagrouter.comparisons.base import DUPLICATE, JUDGED_AGAIN, NOT_ASKED_FOR, WITH_ITSELF
from tagrouter.errors import DataFileError, UnknownNameError
from tagrouter.records import Outcome


def battle(winner="model_a", **changes):
    return {
        "id": 1,
        "model_a": "small",
        "model_b": "large",
        "prompt": "Name a river.",
        "winner": winner,
        **changes,
    }


def battles(folder, *records):
    path = folder / "battles.jsonl"
    path.write_text("".join(json.dumps(record) + "\n" for record in records), encoding="utf-8")
    return path


def the_only(folder, *records):
    (only,) = ArenaImporter("large").read(battles(folder, *records)).comparisons
    return only


@pytest.mark.parametrize(
    ("winner", "first", "second"),
    [
        ("model_a", Outcome.WIN, Outcome.LOSS),
        ("model_b", Outcome.LOSS, Outcome.WIN),
        ("tie", Outcome.TIE, Outcome.TIE),
        ("tie (bothbad)", Outcome.TIE, Outcome.TIE),
        ("both_bad", Outcome.TIE, Outcome.TIE),
    ],
)
def test_outcome_is_seen_from_the_other_model_on_either_side(tmp_path, winner, first, second):
    found = the_only(tmp_path, battle(winner))
    assert (found.model, found.reference_model, found.outcome) == ("small", "large", first)
    found = the_only(tmp_path, battle(winner, model_a="large", model_b="small"))
    assert (found.model, found.reference_model, found.outcome) == ("small", "large", second)


def test_battles_without_use_are_counted_by_reason(tmp_path):
    path = battles(
        tmp_path,
        battle(),
        battle(id=2, model_b="medium"),
        battle(id=3, model_a="medium"),
        battle(None, id=4),
        battle(id=5, prompt=" "),
        battle(id=6, model_a="large"),
        battle(id=7, model_a="tiny", model_b="medium"),
    )
    report = ArenaImporter("large", models=["small"]).read(path).report
    assert (report.read, report.used) == (7, 1)
    assert report.skipped == {
        WITHOUT_REFERENCE: 2,
        NOT_ASKED_FOR: 1,
        NO_WINNER: 1,
        NO_QUERY: 1,
        WITH_ITSELF: 1,
    }


def test_two_votes_on_one_query_count_twice_where_ids_tell_them_apart(tmp_path):
    path = battles(tmp_path, battle(id=1), battle(id=2), battle("model_b", id=3), battle(id=3))
    imported = ArenaImporter("large").read(path)
    assert [record.id for record in imported.comparisons] == [
        "1/small/large",
        "2/small/large",
        "3/small/large",
    ]
    assert imported.report.skipped == {JUDGED_AGAIN: 1}


def test_turn_and_judge_tell_votes_on_one_question_apart(tmp_path):
    path = battles(
        tmp_path,
        battle(turn=1, judge="voter 1"),
        battle(turn=1, judge="voter 2"),
        battle(turn=2, judge="voter 2", prompt="Name a river.\nName another."),
        battle(turn=2, judge="voter 2", prompt="Name a river.\nName another."),
    )
    report = ArenaImporter("large").read(path).report
    assert (report.used, report.skipped) == (3, {DUPLICATE: 1})


def test_without_ids_the_same_models_on_the_same_query_count_once(tmp_path):
    path = battles(tmp_path, battle(id=None), battle(id=None))
    assert ArenaImporter("large").read(path).report.skipped == {DUPLICATE: 1}


@pytest.mark.parametrize(
    ("prompt", "query"),
    [
        ("Name a river.", "Name a river."),
        ('["Name a river.", "Another."]', "Name a river.\nAnother."),
        (["Name a river.", None, "Another."], "Name a river.\nAnother."),
        ("[1, 2] is what?", "[1, 2] is what?"),
        ("[1, 2]", "[1, 2]"),
        ('["unclosed', '["unclosed'),
    ],
)
def test_turns_of_a_prompt_become_one_query(tmp_path, prompt, query):
    assert the_only(tmp_path, battle(prompt=prompt)).query == query


TALK = [
    {"role": "user", "content": "Name a river."},
    {"role": "assistant", "content": "Rhine."},
    {"role": "user", "content": "Another."},
    {"role": "assistant", "content": "Nile."},
]


@pytest.mark.parametrize(
    ("turn", "query"),
    [(1, "Name a river."), (2, "Name a river.\nAnother."), (None, "Name a river.\nAnother.")],
)
def test_query_of_a_conversation_ends_with_the_turn_that_was_judged(tmp_path, turn, query):
    record = battle(conversation_a=TALK, conversation_b=TALK, turn=turn)
    del record["prompt"]
    assert the_only(tmp_path, record).query == query


def test_columns_of_the_published_csv_are_read(tmp_path):
    path = tmp_path / "train.csv"
    path.write_text(
        "id,model_a,model_b,prompt,response_a,response_b,winner_model_a,winner_model_b,winner_tie\n"
        '30192,large,small,"[""Name a river."",""Another.""]","[""a""]","[null]",1,0,0\n'
        '53567,small,large,"[""Sort \\""these\\"".""]","[""a""]","[""b""]",0,0,1\n'
        '65089,small,medium,"[""Hi""]","[""a""]","[""b""]",0,1,0\n'
    )
    imported = ArenaImporter("large").read(path)
    assert [(found.query, found.outcome) for found in imported.comparisons] == [
        ("Name a river.\nAnother.", Outcome.LOSS),
        ('Sort "these".', Outcome.TIE),
    ]
    assert imported.report.skipped == {WITHOUT_REFERENCE: 1}


def test_json_list_is_read_as_json_lines_are(tmp_path):
    path = tmp_path / "battles.json"
    path.write_text(json.dumps([battle()]))
    lines = ArenaImporter("large").read(battles(tmp_path, battle()))
    assert ArenaImporter("large").read(path) == lines


def test_models_in_no_battle_are_answered_with_the_known_names(tmp_path):
    path = battles(tmp_path, battle())
    with pytest.raises(UnknownNameError, match="reference model 'lrage'; known: 'large', 'small'"):
        ArenaImporter("lrage").read(path)
    with pytest.raises(UnknownNameError, match="model 'smal'; known: 'large', 'small'"):
        ArenaImporter("large", models=["smal"]).read(path)


@pytest.mark.parametrize(
    ("change", "what_the_user_needs"),
    [
        ({"winner": "small"}, "'winner' is 'small'; it must be one of model_a, model_b, tie"),
        ({"winner": 1}, "'winner' is 1; it must be one of"),
        ({"model_a": ""}, "'model_a' is blank or not a text"),
        ({"prompt": {"text": "q"}}, "'prompt' is neither a text nor a list of texts"),
        ({"id": 1.5}, "'id', 'turn' and 'judge' make a battle's id"),
    ],
)
def test_broken_battle_names_file_and_line(tmp_path, change, what_the_user_needs):
    path = battles(tmp_path, battle(), battle(**change))
    with pytest.raises(DataFileError, match=rf"battles\.jsonl:2: {what_the_user_needs}"):
        ArenaImporter("large").read(path)


@pytest.mark.parametrize(
    ("flags", "what_came"),
    [
        ((1, 1, 0), "winner_model_a is '1', winner_model_b is '1'"),
        ((0, 0, 0), "winner_model_a is '0', winner_model_b is '0'"),
        ((1, 0, "x"), "winner_tie is 'x'"),
    ],
)
def test_winner_columns_must_name_one_winner(tmp_path, flags, what_came):
    names = ("winner_model_a", "winner_model_b", "winner_tie")
    record = battle(**dict(zip(names, flags, strict=True)))
    del record["winner"]
    with pytest.raises(DataFileError, match=rf"battles\.jsonl:1: .*{what_came}.*one of them must"):
        ArenaImporter("large").read(battles(tmp_path, record))


@pytest.mark.parametrize(
    ("dropped", "named"),
    [("model_a", "model_a"), ("winner", "winner_model_a"), ("prompt", "conversation_a")],
)
def test_file_without_a_column_is_told_what_a_battle_has(tmp_path, dropped, named):
    record = battle()
    del record[dropped]
    with pytest.raises(DataFileError, match=rf"'{named}' is missing; .* Give battles with model_a"):
        ArenaImporter("large").read(battles(tmp_path, record))
