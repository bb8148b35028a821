"""One tree of errors, and messages that say what to do."""

import pytest

import tagrouter.errors
from tagrouter import MissingExtraError, TagRouterError, UnknownNameError
from tagrouter.errors import DataFileError, InvalidInputError, NoCandidateError, ProfileError

EVERY = [
    value
    for value in vars(tagrouter.errors).values()
    if isinstance(value, type) and issubclass(value, Exception)
]


@pytest.mark.parametrize("error", EVERY)
def test_one_except_clause_catches_everything(error):
    assert issubclass(error, TagRouterError)


@pytest.mark.parametrize("error", [InvalidInputError, UnknownNameError, NoCandidateError])
def test_wrong_values_are_value_errors_too(error):
    assert issubclass(error, ValueError)


def test_missing_extra_is_an_import_error_with_the_command():
    error = MissingExtraError.of("The generator 'transformers'", "torch", "transformers")
    assert isinstance(error, ImportError)
    assert str(error) == (
        "The generator 'transformers' needs the package 'torch', which is not installed. "
        'Run: pip install "tagrouter[transformers]"'
    )


def test_broken_profile_is_a_broken_file():
    assert issubclass(ProfileError, DataFileError)


def test_unknown_name_lists_the_known_ones_up_to_twenty():
    error = UnknownNameError.of("model", "x", (f"m{n:02d}" for n in range(23)), "Use one.")
    assert str(error).startswith("Unknown model 'x'; known: 'm00', 'm01',")
    assert str(error).endswith("'m19' and 3 more. Use one.")


def test_unknown_name_without_known_ones_says_none():
    assert "known: none." in str(UnknownNameError.of("model", "x", [], "Add one."))
