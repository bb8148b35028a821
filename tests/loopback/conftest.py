"""A real OpenAI-compatible server on this machine, and a record of what reached it."""

import http.client
import os
import socket
import subprocess
import sys
import time
from collections.abc import Iterator
from dataclasses import dataclass
from pathlib import Path

import pytest

from tests.loopback.recorder import Recorder, recording

START_TIMEOUT_S = 120.0
STOP_TIMEOUT_S = 10.0
SCRIPT = Path(__file__).with_name("serve_tiny_models.py")


@dataclass(frozen=True)
class OpenAIServer:
    """A server that listens; `models` are the names that it answers to."""

    port: int
    log: Path
    models: tuple[str, str] = ("tiny-small", "tiny-large")


@pytest.fixture(scope="session")
def openai_server(tmp_path_factory) -> Iterator[OpenAIServer]:
    """`transformers serve` with two tiny models, started once for all tests."""
    pytest.importorskip("torch")
    pytest.importorskip("transformers")
    pytest.importorskip("uvicorn")
    folder = tmp_path_factory.mktemp("server")
    port = _free_port()
    log = folder / "log.txt"
    offline = {**os.environ, "HF_HUB_OFFLINE": "1", "HF_HOME": str(folder)}
    with log.open("wb") as output:
        process = subprocess.Popen(
            [sys.executable, str(SCRIPT), str(folder), str(port)],
            stdout=output,
            stderr=subprocess.STDOUT,
            env=offline,
        )
    try:
        _wait_until_healthy(process, port, log)
        yield OpenAIServer(port, log)
    finally:
        process.terminate()
        try:
            process.wait(STOP_TIMEOUT_S)
        except subprocess.TimeoutExpired:
            process.kill()
            process.wait()


@pytest.fixture
def recorder(openai_server) -> Iterator[Recorder]:
    """The way to the server; it remembers what one test sent."""
    logged = openai_server.log.stat().st_size
    with recording(openai_server.port) as recorder:
        yield recorder
    # Shown where the test fails.
    sys.stdout.write(openai_server.log.read_bytes()[logged:].decode(errors="replace"))


def _free_port() -> int:
    with socket.socket() as probe:
        probe.bind(("127.0.0.1", 0))
        return int(probe.getsockname()[1])


def _wait_until_healthy(process: subprocess.Popen[bytes], port: int, log: Path) -> None:
    deadline = time.monotonic() + START_TIMEOUT_S
    while not _is_healthy(port):
        if process.poll() is not None or time.monotonic() > deadline:
            pytest.fail(
                f"The server did not start within {START_TIMEOUT_S:g} s; exit code "
                f"{process.poll()}, output:\n{log.read_text(errors='replace')}",
                pytrace=False,
            )
        time.sleep(0.2)


def _is_healthy(port: int) -> bool:
    connection = http.client.HTTPConnection("127.0.0.1", port, timeout=5)
    try:
        connection.request("GET", "/health")
        return connection.getresponse().status == 200
    except OSError:
        return False
    finally:
        connection.close()
