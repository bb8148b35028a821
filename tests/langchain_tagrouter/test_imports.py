import pytest

pytest.importorskip("langchain_core")

import langchain_tagrouter


def test_public_names_are_these():
    public = ["ChatTagRouter", "LangChainChatModel", "TagRouterRunnable", "TagRouterSelector"]
    assert langchain_tagrouter.__all__ == public
    assert all(hasattr(langchain_tagrouter, name) for name in public)
