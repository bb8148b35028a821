"""What an import loads: the core nothing heavy, an adapter its own framework only."""

import json
import os
import subprocess
import sys
from pathlib import Path

import pytest

REPOSITORY = Path(__file__).parents[2]
HEAVY = {"torch", "transformers", "sklearn", "onnxruntime", "matplotlib", "pandas"}
LANGCHAIN = {"langchain", "langchain_core", "langgraph", "langchain_openai"}
LLAMAINDEX = {"llama_index", "openai"}
IMPORT_TIMEOUT_S = 120


def top_modules_after(statement):
    """Run a statement in a new interpreter; give the top-level modules that it left behind."""
    code = f"import sys, json\n{statement}\nprint(json.dumps([*sys.modules]))"
    paths = [str(REPOSITORY / "shared"), str(REPOSITORY), os.environ.get("PYTHONPATH", "")]
    done = subprocess.run(
        [sys.executable, "-c", code],
        env={**os.environ, "PYTHONPATH": os.pathsep.join(filter(None, paths))},
        capture_output=True,
        text=True,
        timeout=IMPORT_TIMEOUT_S,
    )
    assert done.returncode == 0, done.stderr
    return {name.partition(".")[0] for name in json.loads(done.stdout.splitlines()[-1])}


def test_importing_the_core_loads_nothing_heavy_and_no_framework():
    assert top_modules_after("import tagrouter") & (HEAVY | LANGCHAIN | LLAMAINDEX) == set()


def test_making_a_router_loads_no_torch_and_no_framework():
    statement = "import tagrouter; tagrouter.TagRouter.from_profile('tiers').route('What is 2+2?')"
    loaded = top_modules_after(statement)
    assert loaded & ((HEAVY - {"onnxruntime"}) | LANGCHAIN | LLAMAINDEX) == set()


def test_langchain_adapter_loads_only_its_framework():
    pytest.importorskip("langchain_core")
    loaded = top_modules_after("import langchain_tagrouter")
    assert loaded & ((HEAVY | LLAMAINDEX | LANGCHAIN) - {"langchain_core"}) == set()


def test_llamaindex_adapter_loads_only_its_framework():
    pytest.importorskip("llama_index.core")
    loaded = top_modules_after("import llamaindex_tagrouter")
    framework_alone = top_modules_after("import llama_index.core.llms")
    assert (loaded - framework_alone) & (HEAVY | LANGCHAIN) == set()


@pytest.mark.parametrize(
    ("adapter", "framework", "extra"),
    [
        ("langchain_tagrouter", "langchain_core", "langchain"),
        ("llamaindex_tagrouter", "llama_index", "llamaindex"),
    ],
)
def test_adapter_without_its_framework_names_the_pip_command(adapter, framework, extra):
    statement = (
        f"sys.modules[{framework!r}] = None\n"
        f"try:\n    import {adapter}\n"
        f"except ImportError as error:\n    assert 'tagrouter[{extra}]' in str(error), error\n"
        "else:\n    raise AssertionError('imported')"
    )
    assert "tagrouter" in top_modules_after(statement)
