"""Every part by name."""

import pytest

from tagrouter import UnknownNameError
from tagrouter.registry import (
    BUNDLED_PROFILES,
    ENCODERS,
    ESTIMATORS,
    IMPORTERS,
    POLICIES,
    TAG_GENERATORS,
    bundled_profile,
    part,
)

PARTS = {
    "tag generator": TAG_GENERATORS,
    "estimator": ESTIMATORS,
    "policy": POLICIES,
    "encoder": ENCODERS,
    "importer": IMPORTERS,
}


@pytest.mark.parametrize(("kind", "name"), [(k, n) for k, names in PARTS.items() for n in names])
def test_every_line_leads_to_a_class(kind, name):
    assert isinstance(part(kind, name), type)


@pytest.mark.parametrize("kind", PARTS)
def test_unknown_name_is_refused_with_the_known_ones(kind):
    known = ", ".join(repr(name) for name in sorted(PARTS[kind]))
    with pytest.raises(UnknownNameError, match=f"Unknown {kind} 'nothing'; known: {known}"):
        part(kind, "nothing")


@pytest.mark.parametrize("name", BUNDLED_PROFILES)
def test_bundled_profiles_are_there(name):
    assert (bundled_profile(name) / "profile.json").is_file()
