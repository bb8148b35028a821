"""Every exchangeable part by name: one line per part, imported when asked for."""

from importlib import import_module
from importlib.resources import files
from pathlib import Path
from typing import Any, Final

from tagrouter.errors import UnknownNameError

TAG_GENERATORS: Final = {
    "embedded": "tagrouter.tags.embedded:EmbeddedGenerator",
    "gold": "tagrouter.tags.gold:GoldGenerator",
    "prompted": "tagrouter.tags.prompted:PromptedGenerator",
    "transformers": "tagrouter.tags.causal_lm:CausalLMGenerator",
}
ESTIMATORS: Final = {
    "shrunk": "tagrouter.scores.shrunk:ShrunkEstimator",
    "paper": "tagrouter.scores.paper:PaperEstimator",
}
POLICIES: Final = {
    "theta": "tagrouter.decision.threshold:ThetaPolicy",
}
ENCODERS: Final = {
    "embedded": "tagrouter.scores.encoders:EmbeddedEncoder",
    "transformers": "tagrouter.scores.sentence_encoder:SentenceEncoder",
}
IMPORTERS: Final = {
    "comparisons": "tagrouter.comparisons.comparisons:ComparisonsImporter",
    "ratings": "tagrouter.comparisons.ratings:RatingsImporter",
    "alpaca_eval": "tagrouter.comparisons.alpaca_eval:AlpacaEvalImporter",
    "arena": "tagrouter.comparisons.arena:ArenaImporter",
    "mt_bench": "tagrouter.comparisons.mt_bench:MTBenchImporter",
    "routellm": "tagrouter.comparisons.routellm:RouteLLMImporter",
    "routerbench": "tagrouter.comparisons.routerbench:RouterBenchImporter",
    "routerdc": "tagrouter.comparisons.routerdc:RouterDCImporter",
}
# What makes a chat model of a name such as "openai:gpt-4o-mini".
CHAT_MODELS: Final = {
    "langchain": "langchain_tagrouter.chat_protocol:LangChainChatModel",
}
BUNDLED_PROFILES: Final = ("tiers", "alpaca_eval")

_KINDS: Final = {
    "tag generator": TAG_GENERATORS,
    "estimator": ESTIMATORS,
    "policy": POLICIES,
    "encoder": ENCODERS,
    "importer": IMPORTERS,
    "chat model": CHAT_MODELS,
}


def part(kind: str, name: str) -> Any:  # noqa: ANN401 - the class of any part
    """Import the class of a part.

    Args:
        kind: "tag generator", "estimator", "policy", "encoder", "importer" or "chat model".
        name: Its registry name.

    Returns:
        The class.

    Raises:
        UnknownNameError: If there is no such part; the known names are listed.
    """
    names = _KINDS[kind]
    if name not in names:
        raise UnknownNameError.of(kind, name, names, "Use one of these.")
    module, _, attribute = names[name].partition(":")
    return getattr(import_module(module), attribute)


def bundled_profile(name: str) -> Path:
    """Return the folder of a profile in the wheel.

    Args:
        name: One of `BUNDLED_PROFILES`.
    """
    return Path(str(files("tagrouter") / "profiles" / name))
