"""`tagrouter tag --llm`: a real client asks a real server, which answers what a model would."""

import json
import os
import signal
import subprocess
import sys
import threading
import time
from contextlib import contextmanager
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from pathlib import Path

import pytest

pytest.importorskip("langchain")
pytest.importorskip("langchain_openai")

from tagrouter.cli.main import main
from tagrouter.tags.corpus import read_corpus

REPOSITORY = Path(__file__).parents[2]
WAIT_S = 60
QUERIES = [f"query number {n}" for n in range(20)]


class TaggingServer(ThreadingHTTPServer):
    """Answers chat completions with one tag that tells the query it is for."""

    daemon_threads = True

    def __init__(self):
        super().__init__(("127.0.0.1", 0), Completions)
        self.asked = []
        self.models = set()
        self.answers_left = None
        self.exhausted = threading.Event()
        self.refuses = False
        self.delay_s = 0.0
        self._lock = threading.Lock()

    @property
    def base_url(self):
        return f"http://127.0.0.1:{self.server_port}/v1"

    def take(self, request):
        """Note a request; give its query, or None if the server is to stay silent."""
        text = request["messages"][-1]["content"]
        query = text.partition("<query>\n")[2].partition("\n</query>")[0]
        with self._lock:
            self.models.add(request["model"])
            if self.answers_left == 0:
                self.exhausted.set()
                return None
            if self.answers_left is not None:
                self.answers_left -= 1
            self.asked.append(query)
        return query


class Completions(BaseHTTPRequestHandler):
    def do_POST(self):
        request = json.loads(self.rfile.read(int(self.headers["Content-Length"])))
        if self.server.refuses:
            return self._send(401, {"error": {"message": "wrong key"}})
        query = self.server.take(request)
        if query is None:
            self.rfile.read(1)  # until the client has gone
            return None
        time.sleep(self.server.delay_s)
        message = {"role": "assistant", "content": json.dumps({"tags": [f"tag of {query[-5:]}"]})}
        choice = {"index": 0, "message": message, "finish_reason": "stop"}
        usage = {"prompt_tokens": 1, "completion_tokens": 1, "total_tokens": 2}
        row = {"id": "1", "object": "chat.completion", "created": 0, "model": request["model"]}
        return self._send(200, {**row, "choices": [choice], "usage": usage})

    def _send(self, status, row):
        body = json.dumps(row).encode()
        self.send_response(status)
        self.send_header("Content-Type", "application/json")
        self.send_header("Content-Length", str(len(body)))
        self.end_headers()
        self.wfile.write(body)

    def log_message(self, *_):
        pass


@contextmanager
def serving(server):
    thread = threading.Thread(target=server.serve_forever, args=(0.05,))
    thread.start()
    try:
        yield server
    finally:
        server.shutdown()
        server.server_close()
        thread.join(WAIT_S)


@pytest.fixture
def server(monkeypatch):
    monkeypatch.setenv("OPENAI_API_KEY", "any text")
    with serving(TaggingServer()) as server:
        yield server


@pytest.fixture
def file(tmp_path):
    path = tmp_path / "queries.txt"
    path.write_text("".join(f"{query}\n" for query in QUERIES))
    return str(path)


def tag_with(server, *arguments):
    named = ["--llm", "openai:some-model", "--base-url", server.base_url]
    return ["tag", "--generator", "prompted", *named, *arguments]


def test_the_named_model_is_asked_and_its_tags_are_shown(server, capsys):
    assert main(tag_with(server, "--json", "query number 7")) == 0
    assert json.loads(capsys.readouterr().out) == {
        "query": "query number 7",
        "query_tags": [{"name": "tag of ber 7", "weight": 1.0}],
    }
    assert (server.asked, server.models) == (["query number 7"], {"some-model"})


def test_the_output_is_a_corpus(server, file, tmp_path, capsys):
    assert main(tag_with(server, "--file", file, "-o", str(tmp_path / "corpus.jsonl"))) == 0
    corpus = read_corpus(tmp_path / "corpus.jsonl")
    assert {record.query: record.tags for record in corpus} == {
        query: (f"tag of {query[-5:]}",) for query in QUERIES
    }
    captured = capsys.readouterr()
    assert captured.out == ""
    assert "20 different queries have tags in" in captured.err


def test_a_second_run_asks_for_new_queries_only(server, file, tmp_path):
    output = ["-o", str(tmp_path / "corpus.jsonl")]
    assert main(tag_with(server, "--file", file, *output)) == 0
    server.asked.clear()
    assert main(tag_with(server, "--file", file, "a new query", *output)) == 0
    assert server.asked == ["a new query"]
    assert len(read_corpus(tmp_path / "corpus.jsonl")) == 21


@contextmanager
def running(arguments):
    """The command in a process of its own, which does not outlive the block."""
    paths = [str(REPOSITORY / "shared"), str(REPOSITORY)]
    process = subprocess.Popen(
        [sys.executable, "-m", "tagrouter.cli.main", *arguments],
        env={**os.environ, "PYTHONPATH": os.pathsep.join(paths)},
        stderr=subprocess.PIPE,
        text=True,
    )
    try:
        yield process
    finally:
        process.kill()
        process.communicate(timeout=WAIT_S)


def test_a_killed_run_goes_on_where_it_stopped(server, file, tmp_path):
    arguments = tag_with(server, "--file", file, "-o", str(tmp_path / "corpus.jsonl"))
    server.answers_left = 11
    with running(arguments):
        assert server.exhausted.wait(WAIT_S)
    lines = (tmp_path / "corpus.jsonl").read_text().splitlines()
    kept = [json.loads(line)["query"] for line in lines]
    # Answers that were under way to eight threads may be lost, no others.
    assert 11 - 8 <= len(kept) <= 11
    server.answers_left = None
    server.asked.clear()
    assert main(arguments) == 0
    assert sorted(server.asked) == sorted(set(QUERIES) - set(kept))
    corpus = read_corpus(tmp_path / "corpus.jsonl")
    assert sorted(record.query for record in corpus) == sorted(QUERIES)


def test_an_interrupted_run_says_where_its_answers_are(server, file, tmp_path):
    corpus = tmp_path / "corpus.jsonl"
    server.delay_s = 0.2
    with running(tag_with(server, "--file", file, "-o", str(corpus))) as process:
        deadline = time.monotonic() + WAIT_S
        while not corpus.exists() and time.monotonic() < deadline:
            time.sleep(0.02)
        process.send_signal(signal.SIGINT)
        _, errors = process.communicate(timeout=WAIT_S)
    assert process.returncode == 1
    assert f"interrupted; the answers so far stand in {corpus}" in errors
    assert len(read_corpus(corpus)) < len(QUERIES)


def test_a_refused_call_ends_the_run_with_one_line(server, capsys):
    server.refuses = True
    assert main(tag_with(server, "query number 7")) == 1
    (line,) = capsys.readouterr().err.splitlines()
    assert "some-model" in line
    assert "wrong key" in line


def test_a_missing_key_is_told(monkeypatch, server, capsys):
    monkeypatch.delenv("OPENAI_API_KEY")
    assert main(tag_with(server, "query number 7")) == 1
    (line,) = capsys.readouterr().err.splitlines()
    assert "OPENAI_API_KEY" in line
    assert "A server of your own may take any text as key" in line


@pytest.mark.parametrize("text", ["my diary, one line", "first\nsecond", '{"query": "x"}\n'])
def test_a_file_that_is_no_corpus_is_refused_and_stays(server, tmp_path, capsys, text):
    (tmp_path / "diary.txt").write_text(text)
    assert main(tag_with(server, "query number 7", "-o", str(tmp_path / "diary.txt"))) == 1
    assert "diary.txt:1" in capsys.readouterr().err
    assert (tmp_path / "diary.txt").read_text() == text
    assert server.asked == []
