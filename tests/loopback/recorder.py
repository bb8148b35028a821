"""A proxy on loopback that keeps the body of every request it passes on."""

import http.client
import json
import threading
from collections.abc import Iterator
from contextlib import contextmanager
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from typing import Any, ClassVar

ANSWER_TIMEOUT_S = 60.0


class Recorder(ThreadingHTTPServer):
    """Forwards to a server on this machine; `requests` are the JSON bodies, oldest first."""

    daemon_threads = True

    def __init__(self, upstream_port: int) -> None:
        super().__init__(("127.0.0.1", 0), _Handler)
        self.upstream_port = upstream_port
        self.requests: list[dict[str, Any]] = []

    @property
    def base_url(self) -> str:
        return f"http://127.0.0.1:{self.server_port}/v1"

    @property
    def models(self) -> list[str]:
        """The models that were asked for, in order."""
        return [request["model"] for request in self.requests]


class _Handler(BaseHTTPRequestHandler):
    server: Recorder
    HOP_BY_HOP: ClassVar = {"connection", "transfer-encoding", "keep-alive"}

    def do_POST(self) -> None:
        body = self.rfile.read(int(self.headers["Content-Length"]))
        self.server.requests.append(json.loads(body))
        upstream = http.client.HTTPConnection(
            "127.0.0.1", self.server.upstream_port, timeout=ANSWER_TIMEOUT_S
        )
        upstream.request("POST", self.path, body, {"Content-Type": "application/json"})
        self._answer(upstream.getresponse())
        upstream.close()

    def _answer(self, response: http.client.HTTPResponse) -> None:
        self.send_response(response.status)
        for name, value in response.getheaders():
            if name.lower() not in self.HOP_BY_HOP:
                self.send_header(name, value)
        self.end_headers()
        while piece := response.read1():  # as it comes: streams stay streams
            self.wfile.write(piece)
            self.wfile.flush()

    def log_message(self, format: str, *args: Any) -> None:
        """Say nothing: `requests` has it all."""


@contextmanager
def recording(upstream_port: int) -> Iterator[Recorder]:
    with Recorder(upstream_port) as recorder:
        # The default of half a second would be waited for after every test.
        thread = threading.Thread(target=recorder.serve_forever, args=(0.01,), daemon=True)
        thread.start()
        yield recorder
        recorder.shutdown()
        thread.join()
