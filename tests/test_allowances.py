"""The list of allowed skips, xfails and warnings is enforced."""

import pytest

from tests.allowances import Allowance, AllowanceKeeper, read_allowances

SKIPPING = """
import pytest

def test_it():
    pytest.skip("needs the moon")
"""
SKIPPING_WHOLE_FILE = """
import pytest

pytest.importorskip("no_such_package")
"""
FAILING_AS_EXPECTED = """
import pytest

@pytest.mark.xfail(reason="needs the moon")
def test_it():
    assert False
"""
WARNING = """
import warnings

def test_it():
    warnings.warn("the moon is gone", UserWarning)
"""
FILTERING = """
import pytest

@pytest.mark.filterwarnings("ignore::UserWarning")
def test_it():
    pass
"""


@pytest.fixture
def run_with(pytester, monkeypatch):
    """Run a test file in a pytest of its own, under a list of its own."""

    monkeypatch.setenv("PYTEST_DISABLE_PLUGIN_AUTOLOAD", "1")

    def run(source, *allowances):
        pytester.makepyfile(test_moon=source)
        return pytester.runpytest_inprocess(
            "--override-ini=filterwarnings=error", plugins=[AllowanceKeeper(list(allowances))]
        )

    return run


@pytest.mark.parametrize(
    ("source", "refused"),
    [
        (SKIPPING, "skip: test_moon.py::test_it: Skipped: needs the moon"),
        (SKIPPING_WHOLE_FILE, "skip: test_moon.py: *could not import 'no_such_package'*"),
        (FAILING_AS_EXPECTED, "xfail: test_moon.py::test_it: needs the moon"),
        (FILTERING, "warning: test_moon.py::test_it: * stands in the test"),
    ],
    ids=["skipped test", "skipped file", "expected failure", "filter in a test"],
)
def test_what_is_not_on_the_list_fails_the_run(run_with, source, refused):
    result = run_with(source)
    assert result.ret == pytest.ExitCode.TESTS_FAILED
    result.stdout.fnmatch_lines(["*not allowed by allowances.toml*", refused])


def test_listed_skip_passes_and_is_printed_with_its_reason(run_with):
    result = run_with(SKIPPING, Allowance("skip", "No rocket.", "test_moon.py::*", "the moon"))
    assert result.ret == pytest.ExitCode.OK
    result.stdout.fnmatch_lines(["1 x skip: test_moon.py::* saying 'the moon': No rocket."])


def test_entry_for_other_tests_does_not_help(run_with):
    result = run_with(SKIPPING, Allowance("skip", "No rocket.", "test_sun.py::*", "the moon"))
    assert result.ret == pytest.ExitCode.TESTS_FAILED


def test_listed_warning_passes_and_is_printed_with_its_reason(run_with):
    result = run_with(WARNING, Allowance("warning", "No mending it.", filter="the moon:Warning"))
    assert result.ret == pytest.ExitCode.OK
    result.stdout.fnmatch_lines(["1 x warning: * saying 'the moon:Warning': No mending it."])


def test_warning_off_the_list_fails_its_test(run_with):
    result = run_with(WARNING, Allowance("warning", "Another.", filter="the sun:UserWarning"))
    result.assert_outcomes(failed=1)


def test_this_suite_has_no_filter_beside_the_list(pytestconfig):
    assert pytestconfig.getini("filterwarnings") == ["error"]


@pytest.mark.parametrize(
    "entry",
    ['filter = "x"', 'filter = "x"\nreason = "y"\nextra = 1'],
    ids=["no reason", "unknown key"],
)
def test_entry_without_reason_or_with_unknown_key_is_refused(tmp_path, entry):
    path = tmp_path / "list.toml"
    path.write_text(f"[[warning]]\n{entry}\n")
    with pytest.raises(ValueError, match="needs a reason"):
        read_allowances(path)
