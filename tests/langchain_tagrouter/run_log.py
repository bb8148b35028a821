"""A callback handler that writes down which runs there were."""

from dataclasses import dataclass, field
from typing import Any
from uuid import UUID

from langchain_core.callbacks import BaseCallbackHandler


@dataclass
class Run:
    """One run of a chain or a chat model."""

    kind: str
    name: str
    tags: list[str]
    metadata: dict[str, Any]
    run_id: UUID
    parent_run_id: UUID | None
    params: dict[str, Any] = field(default_factory=dict)
    output: Any = None


class RunLog(BaseCallbackHandler):
    """Keeps all runs in the order in which they started."""

    def __init__(self):
        self.runs: list[Run] = []

    def of(self, kind: str) -> list[Run]:
        return [run for run in self.runs if run.kind == kind]

    def named(self, name: str) -> Run:
        (run,) = [run for run in self.runs if run.name == name]
        return run

    def names(self) -> list[str]:
        return [run.name for run in self.runs]

    def on_chain_start(self, serialized, inputs, **kwargs):
        self._start("chain", kwargs["name"], kwargs)

    def on_chat_model_start(self, serialized, messages, **kwargs):
        self._start("chat_model", kwargs["name"] or serialized["name"], kwargs)

    def on_chain_end(self, outputs, *, run_id, **kwargs):
        self._end(run_id, outputs)

    def on_llm_end(self, response, *, run_id, **kwargs):
        self._end(run_id, response)

    def _start(self, kind, name, kwargs):
        tags, metadata = list(kwargs.get("tags") or []), dict(kwargs.get("metadata") or {})
        run = Run(kind, name, tags, metadata, kwargs["run_id"], kwargs["parent_run_id"])
        run.params = {**(kwargs.get("options") or {}), **(kwargs.get("invocation_params") or {})}
        self.runs.append(run)

    def _end(self, run_id, output):
        (run,) = [run for run in self.runs if run.run_id == run_id]
        run.output = output
