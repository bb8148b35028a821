"""What `import tagrouter` promises."""

import tagrouter


def test_public_names_are_these():
    assert sorted(tagrouter.__all__) == [
        "Comparison",
        "DataFileError",
        "Decision",
        "InvalidInputError",
        "MissingExtraError",
        "NoCandidateError",
        "NotFittedError",
        "Outcome",
        "Profile",
        "ProfileError",
        "QueryTag",
        "QueryTags",
        "Reason",
        "TagContribution",
        "TagGenerator",
        "TagGeneratorError",
        "TagRouter",
        "TagRouterError",
        "UnknownNameError",
        "__version__",
        "load_profile",
        "save_profile",
    ]


def test_public_names_are_there():
    assert [name for name in tagrouter.__all__ if not hasattr(tagrouter, name)] == []
