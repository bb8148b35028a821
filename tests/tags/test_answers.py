"""Reading tags in whatever a model answers."""

import json
import time

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from tagrouter.tags.answers import MAX_TAGS, list_is_complete, parse_tags
from tagrouter.tags.normalize import normalize_tag

FORMS = {
    "JSON list": '["poetry", "creative writing"]',
    "JSON list over lines": '[\n  "poetry",\n  "creative writing"\n]',
    "escaped": '["\\u0070oetry", "creative writing"]',
    "objects with a tag": '[{"tag": "poetry", "explanation": "a, b: c"}, '
    '{"tag": "creative writing", "explanation": "asks for \\"it\\""}]',
    "objects with a name": '[{"name": "poetry"}, {"name": "creative writing", "score": 0.9}]',
    "objects with a label": "[{'label': 'poetry'}, {'label': 'creative writing'}]",
    "object after object": '{"tag": "poetry"}\n{"tag": "creative writing"}',
    "object around a list": '{"reason": "it is, so", "tags": ["poetry", "creative writing"]}',
    "explanation first": '[{"explanation":\n "x", "tag":\n "poetry"}, {"tag": "creative writing"}]',
    "Python list": "['poetry', 'creative writing']",
    "forgotten quote": '["poetry, creative writing]',
    "Python set": "{'poetry', 'creative writing'}",
    "Python assignment": "```python\ntags = ['poetry', 'creative writing']\n```",
    "list without quotes": "[poetry, creative writing]",
    "a bracket each": "[poetry] [creative writing]",
    "typographic quotes": "[“poetry”, “creative writing”]",
    "commas": "poetry, creative writing",
    "semicolons": "Poetry; Creative Writing.",
    "Chinese commas": "poetry，creative writing",
    "enumeration commas": "poetry、creative writing。",
    "bars": "poetry | creative writing",
    "hash signs": "#poetry #creative_writing",
    "bullets": "- poetry\n- creative writing",
    "bold bullets, explained": "* **Poetry**: verse, rhyme\n* **Creative writing** - made up",
    "bullets with gaps": "• poetry\n\n• creative writing\n",
    "dashes with gaps": "- poetry\n\n- creative writing",
    "numbers with gaps": "1. poetry\n\n2. creative writing",
    "numbers": "1. poetry\n2. creative writing",
    "numbers in brackets": "(1) poetry\n(2) creative writing",
    "Chinese numbers": "1、poetry\n2、creative writing",
    "lines": "poetry\ncreative writing\n",
    "lines with gaps": "poetry\n\ncreative writing",
    "code fence": '```json\n["poetry", "creative writing"]\n```',
    "code fence around commas": "```\npoetry, creative writing\n```\nI hope, truly, this helps!",
    "leading word": "Tags: poetry, creative writing",
    "leading word in brackets": "[Tags]: poetry, creative writing",
    "leading words": "Here are the key tags: poetry, creative writing",
    "Chinese leading words": "关键标签如下：poetry，creative writing",
    "leading sentence": 'Sure, no problem! The tags are:\n\n["poetry", "creative writing"]',
    "closing remark": "- poetry\n- creative writing\n\nThese tags are short, clear, useful.",
    "remark after commas": "poetry, creative writing\n\nThese tags are short, clear, useful.",
    "remark after a list": '["poetry", "creative writing"]\nThe query asks for verse, rhyme.',
    "repetition": "poetry, Poetry, creative writing, poetry, POETRY",
    "thinking": "<think>law, or coding?</think>\npoetry, creative writing",
    "control tokens": "poetry, creative writing<|im_end|>\n<|endoftext|>",
    "truncated JSON": '["poetry", "creative writing", "rhy',
    "truncated objects": '[{"tag": "poetry"}, {"tag": "creative writing"}, {"tag": "rhy',
    "truncated Python": "['poetry', 'creative writing', 'rhy",
    "list in a list": '[["poetry"], ["creative writing"]]',
    "several in one string": '["poetry, creative writing"]',
}


@pytest.mark.parametrize("text", FORMS.values(), ids=FORMS.keys())
def test_every_form_is_read(text):
    assert parse_tags(text) == ("poetry", "creative writing")


NOTHING = ["", " \n", "[]", "{}", "[", "]", '"', "```", "[1, 2, null]", "\ufffd\ud800", "🎉"]
NOTHING += ["None", "N/A", "no tags.", "无", "<think>poetry, or what"]
NOTHING += ['["poe', '[{"tag": "poe', "['poe"]
NOTHING += ["I'm sorry, but I can't help with that request."]
NOTHING += ["The user would like to have a poem about the autumn written for them."]


@pytest.mark.parametrize("text", NOTHING)
def test_answer_without_tags_gives_none(text):
    assert parse_tags(text) == ()


@pytest.mark.parametrize(
    ("text", "expected"),
    [
        ("诗歌，写作、创意", ("诗歌", "写作", "创意")),
        ("['what's new', \"writer's block\"]", ("what's new", "writer's block")),
        ("1. C++\n2. 3D modeling\n3. UTF-8", ("c++", "3d modeling", "utf-8")),
        ('["client/server", "snake_case"]', ("client/server", "snake case")),
    ],
)
def test_unusual_tags_survive(text, expected):
    assert parse_tags(text) == expected


@pytest.mark.parametrize(
    ("text", "expected"),
    [
        ("poetry, rhy", ("poetry",)),
        ("poetry, rhyme,", ("poetry", "rhyme")),
        ("- poetry\n- rhy", ("poetry",)),
        ("poetry\nrhyme\n", ("poetry", "rhyme")),
        ("[poetry, rhy", ("poetry",)),
        ('["poetry", "rhyme"]', ("poetry", "rhyme")),
        ("poetry, rhyme\n\nThese tags ar", ("poetry", "rhyme")),
    ],
)
def test_item_that_the_limit_cut_in_two_is_left_out(text, expected):
    assert parse_tags(text, truncated=True) == expected


def test_only_the_first_tags_are_kept():
    text = ", ".join(f"tag{number}x" for number in range(100))
    assert parse_tags(text) == tuple(f"tag{number}x" for number in range(MAX_TAGS))
    assert parse_tags(text, max_tags=2) == ("tag0x", "tag1x")


@pytest.mark.parametrize(
    "text",
    [
        '["poetry"]',
        "[poetry, rhyme]",
        '[{"tag": "poetry"}]',
        "```\npoetry, rhyme\n```",
        "- poetry\n- rhyme\n\nT",
        "poetry, rhyme\n\nT",
    ],
)
def test_list_is_complete_at_its_last_character_only(text):
    assert list_is_complete(text)
    assert not any(list_is_complete(text[:end]) for end in range(len(text)))


@pytest.mark.parametrize(
    "text", ['["a1", "b[0]"', "[Tags]: poetry", "- poetry\n\n- rhyme", '{"reason": "a, b\n\nc']
)
def test_list_that_may_go_on_is_not_complete(text):
    assert not list_is_complete(text)


@pytest.mark.parametrize("text", FORMS.values(), ids=FORMS.keys())
def test_stopping_at_the_end_of_the_list_loses_no_tag(text):
    complete = (text[:end] for end in range(len(text)) if list_is_complete(text[:end]))
    assert parse_tags(next(complete, text)) == parse_tags(text)


HOSTILE = ["[", '["', "['", "{", '{"a":', "'", '"', "“", "`", "```a", "\n", " ", ":", "- ", "-"]
HOSTILE += ["* `", "a, ", "- a\n", "a\n\n", "[a]", "</think>", "\\", "tag ", "(1) ", "<|a", "['' "]


@pytest.mark.parametrize("piece", HOSTILE)
def test_a_megabyte_takes_bounded_time(piece):
    text = piece * (1_000_000 // len(piece))
    started = time.process_time()
    parse_tags(text)
    list_is_complete(text)
    assert time.process_time() - started < 3.0


WORD = st.text("abcdefghijklmnopqrstuvwxyzäøéждю诗歌写作", min_size=2, max_size=6)
TAG = st.lists(WORD, min_size=1, max_size=2).map(" ".join).filter(lambda tag: "tag" not in tag)
TAGS = st.lists(
    TAG.filter(lambda tag: parse_tags(f'["{tag}"]') == (tag,)), min_size=2, max_size=8, unique=True
)
WRITTEN = {
    "JSON": json.dumps,
    "objects": lambda tags: json.dumps([{"tag": tag, "explanation": "so, so"} for tag in tags]),
    "Python": repr,
    "unquoted": lambda tags: f"[{', '.join(tags)}]",
    "commas": ", ".join,
    "semicolons": "; ".join,
    "Chinese commas": "，".join,
    "enumeration commas": "、".join,
    "bullets": lambda tags: "\n".join(f"- {tag}" for tag in tags),
    "numbers": lambda tags: "\n".join(f"{n}. {tag}" for n, tag in enumerate(tags, start=1)),
    "lines": "\n".join,
    "fence": lambda tags: f"```json\n{json.dumps(tags, ensure_ascii=False)}\n```",
    "lead": lambda tags: f"Tags: {', '.join(tags)}",
}


@pytest.mark.parametrize("write", WRITTEN.values(), ids=WRITTEN.keys())
@given(tags=TAGS)
@settings(max_examples=40, deadline=None)
def test_what_is_written_is_read_back(write, tags):
    assert parse_tags(write(tags)) == tuple(tags)


@given(tags=TAGS, data=st.data())
@settings(max_examples=100, deadline=None)
def test_cutting_a_json_list_anywhere_gives_its_first_tags(tags, data):
    text = json.dumps(tags)
    end = data.draw(st.integers(0, len(text)))
    found = parse_tags(text[:end])
    assert found == tuple(tags)[: len(found)]


PIECES = ["[", "]", "{", "}", '"', "'", ",", "，", "、", ";", ":", "\n", "\n\n", "- ", "1. ", "```"]
PIECES += [
    "tag",
    "Tags:",
    "poetry",
    "写作",
    "\\",
    "“",
    "”",
    " ",
    "<think>",
    "</think>",
    "#",
    "(",
    "|",
]
ANYTHING = st.one_of(
    st.text(),
    st.text(st.characters(categories=["L", "Lm", "P", "S", "Z", "C"])),
    st.lists(st.one_of(st.sampled_from(PIECES), st.text(max_size=4)), max_size=40).map("".join),
)


@given(text=ANYTHING, truncated=st.booleans())
@settings(max_examples=600, deadline=None)
def test_whatever_comes_gives_proper_tags(text, truncated):
    tags = parse_tags(text, truncated=truncated)
    assert isinstance(list_is_complete(text), bool)
    assert len(set(tags)) == len(tags) <= MAX_TAGS
    assert all(tag and normalize_tag(tag) == tag for tag in tags)
    assert all(any(char.isalpha() for char in tag) and "\n" not in tag for tag in tags)
