"""The wheel, built once from this working tree."""

import subprocess
import sys
import zipfile
from pathlib import Path

import pytest

REPOSITORY = Path(__file__).parents[2]
BUILD_TIMEOUT_S = 120


@pytest.fixture(scope="session")
def wheel(tmp_path_factory) -> Path:
    """What users install; built without the network by the hatchling of this environment."""
    pytest.importorskip("hatchling")
    folder = tmp_path_factory.mktemp("dist")
    built = subprocess.run(
        [sys.executable, "-m", "hatchling", "build", "-t", "wheel", "-d", str(folder)],
        cwd=REPOSITORY,
        capture_output=True,
        text=True,
        timeout=BUILD_TIMEOUT_S,
    )
    assert built.returncode == 0, built.stdout + built.stderr
    (path,) = folder.glob("*.whl")
    return path


@pytest.fixture(scope="session")
def wheel_names(wheel) -> list[str]:
    """Names of the files in the wheel."""
    return zipfile.ZipFile(wheel).namelist()
