"""What every test gets: a user folder of its own, an environment without keys, no network."""

import os
from pathlib import Path

import pytest
from hypothesis import settings

# Hooks: a run is held to tests/allowances.toml.
from tests.allowances import pytest_addoption, pytest_configure

# For tests of the above, in tests/test_allowances.py.
pytest_plugins = ["pytester"]

__all__ = ["clean_surroundings", "judgment_data", "pytest_addoption", "pytest_configure"]

# How long an example takes says more about the machine than about the code.
settings.register_profile("tagrouter", deadline=None)
settings.load_profile("tagrouter")

REPOSITORY = Path(__file__).parents[1]
FOREIGN_SETTINGS = (
    "ANTHROPIC_",
    "AZURE_",
    "HF_",
    "HUGGINGFACE",
    "LANGCHAIN_",
    "LANGSMITH_",
    "LLAMA_",
    "OPENAI_",
    "TAGROUTER_",
    "TRANSFORMERS_",
)


@pytest.fixture(autouse=True)
def clean_surroundings(tmp_path, tmp_path_factory, monkeypatch):
    """No test sees the user's files, settings, keys or proxies, nor writes outside its folder."""
    for name in os.environ:
        upper = name.upper()
        if upper.startswith(FOREIGN_SETTINGS) or upper.endswith(("_API_KEY", "_TOKEN", "_PROXY")):
            monkeypatch.delenv(name)
    # Beside tmp_path, not in it: tests look at what is left there.
    home = tmp_path_factory.mktemp("home")
    monkeypatch.setenv("HOME", str(home))
    monkeypatch.setenv("USERPROFILE", str(home))
    for name in ("CACHE", "CONFIG", "DATA", "STATE"):
        monkeypatch.setenv(f"XDG_{name}_HOME", str(home / name.lower()))
    monkeypatch.setenv("HF_HUB_OFFLINE", "1")
    monkeypatch.chdir(tmp_path)


@pytest.fixture(scope="session")
def judgment_data() -> Path:
    """The folder of public judgment data beside the repository, or a skip."""
    folder = REPOSITORY.parent / "shared" / "data"
    if not folder.is_dir():
        pytest.skip("needs ../shared, the folder of judgment data beside the repository")
    return folder
