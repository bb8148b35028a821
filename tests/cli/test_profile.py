import json
import shutil

import pytest

from tagrouter.cli.main import main
from tagrouter.registry import BUNDLED_PROFILES, bundled_profile


@pytest.mark.parametrize("name", BUNDLED_PROFILES)
def test_bundled_profiles_are_fine(name, capsys):
    assert main(["profile", "check", name]) == 0
    assert capsys.readouterr().out.startswith(f"{name}: fine")


@pytest.mark.parametrize("name", BUNDLED_PROFILES)
def test_show_tells_where_the_numbers_come_from(name, capsys):
    assert main(["profile", "show", name]) == 0
    out = capsys.readouterr().out
    assert "AlpacaEval 2" in out
    assert "reference" in out


def test_show_as_json_is_the_profiles_own_header(capsys):
    assert main(["profile", "show", "tiers", "--json"]) == 0
    file = json.loads((bundled_profile("tiers") / "profile.json").read_text(encoding="utf-8"))
    assert json.loads(capsys.readouterr().out) == file


def test_check_names_file_line_and_remedy_of_a_fault(tmp_path, capsys):
    shutil.copytree(bundled_profile("tiers"), tmp_path / "mine")
    evidence = tmp_path / "mine" / "evidence.csv"
    lines = evidence.read_text(encoding="utf-8").splitlines(keepends=True)
    lines[4] = lines[4].replace("small,", "small,-", 1)
    evidence.write_text("".join(lines), encoding="utf-8")
    assert main(["profile", "check", str(tmp_path / "mine")]) == 1
    assert "evidence.csv:5" in capsys.readouterr().err
