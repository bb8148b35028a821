"""Each extra installs alone, into an empty environment, and brings what its part imports."""

import os
import subprocess
import sys
from pathlib import Path

import pytest

pytestmark = pytest.mark.slow

REPOSITORY = Path(__file__).parents[2]
INSTALL_TIMEOUT_S = 1800
# As they were before any fixture: pip has to find the settings of whoever runs this.
SURROUNDINGS = {name: value for name, value in os.environ.items() if name != "PYTHONPATH"}
IMPORTS = {
    "": "import tagrouter.cli.main; import tagrouter.tags.embedded",
    "langchain": "import langchain_tagrouter",
    "llamaindex": "import llamaindex_tagrouter",
    "transformers": "import torch, transformers",
    "train": "import tagrouter.tags.training.trainer, tagrouter.tags.training.export",
    "eval": "import sklearn, matplotlib",
}


def run(*command: str) -> None:
    done = subprocess.run(
        command, capture_output=True, text=True, timeout=INSTALL_TIMEOUT_S, env=SURROUNDINGS
    )
    assert done.returncode == 0, done.stdout + done.stderr


@pytest.mark.parametrize("extra", IMPORTS)
def test_extra_installs_alone_and_its_part_imports(extra, tmp_path):
    environment = tmp_path / "environment"
    run(sys.executable, "-m", "venv", str(environment))
    python = str(environment / "bin" / "python")
    run(python, "-m", "pip", "install", "--quiet", "--upgrade", "pip")
    wanted = f"{REPOSITORY}[{extra}]" if extra else str(REPOSITORY)
    constraints = str(REPOSITORY / "constraints.txt")
    run(python, "-m", "pip", "install", "--quiet", "--constraint", constraints, wanted)
    run(python, "-c", IMPORTS[extra])
    run(python, "-m", "pip", "check")
