"""Veto files."""

import pytest

from tagrouter import DataFileError
from tagrouter.tags.vocabulary.vetoes import read_vetoes


def read(tmp_path, text):
    path = tmp_path / "vetoes.csv"
    path.write_text(text, encoding="utf-8")
    return read_vetoes(path)


@pytest.mark.parametrize(
    "text",
    [
        "tag,canonical\nhtml,XML\n",
        '\ufefftag,canonical,why\r\n\r\nhtml,xml,"siblings, no more"\r\n',
    ],
)
def test_pairs_are_read_with_and_without_a_reason(tmp_path, text):
    assert read(tmp_path, text) == (("html", "xml"),)


@pytest.mark.parametrize(
    ("text", "message"),
    [
        ("", "has the header tag,canonical"),
        ("html,xml\n", "starts with 'html,xml'"),
        ("tag,canonical\nhtml\n", r"vetoes\.csv:2: 1 cells for 2 columns"),
        ("tag,canonical\nhtml,HTML\n", "two different tags"),
        ("tag,canonical\nhtml,\n", "two different tags"),
        ("tag,canonical\nhtml,xml\nxml,html\n", r"vetoes\.csv:3: 'xml' and 'html' come twice"),
    ],
)
def test_malformed_line_is_refused_with_its_place(tmp_path, text, message):
    with pytest.raises(DataFileError, match=message):
        read(tmp_path, text)


def test_missing_file_is_named(tmp_path):
    with pytest.raises(DataFileError, match=r"absent\.csv cannot be read"):
        read_vetoes(tmp_path / "absent.csv")
