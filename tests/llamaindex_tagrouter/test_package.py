"""What the package shows, and what it says where LlamaIndex is missing."""

import subprocess
import sys

import pytest

pytest.importorskip("llama_index.core")

import llamaindex_tagrouter


def run(code):
    done = subprocess.run(
        [sys.executable, "-c", code],
        capture_output=True,
        text=True,
        check=False,
        env={"PYTHONPATH": ":".join(path for path in sys.path if path)},
    )
    return done.stdout or done.stderr


def test_public_names_are_these():
    assert llamaindex_tagrouter.__all__ == [
        "LlamaIndexChatModel",
        "TagRouterLLM",
        "TagRouterSelector",
        "TagRouterSelectorResult",
    ]
    assert all(hasattr(llamaindex_tagrouter, name) for name in llamaindex_tagrouter.__all__)


def test_missing_llama_index_is_named_with_the_command_that_brings_it():
    said = run("import sys; sys.modules['llama_index'] = None; import llamaindex_tagrouter")
    assert 'pip install "tagrouter[llamaindex]"' in said


def test_import_brings_no_heavy_package_and_no_other_framework():
    said = run(
        "import sys, llamaindex_tagrouter as t; "
        "print({'torch', 'transformers', 'onnxruntime', 'langchain_core'} & set(sys.modules))"
    )
    assert said.strip() == "set()"
