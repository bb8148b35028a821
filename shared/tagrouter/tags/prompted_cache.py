"""Tags that a chat model has given already: in memory, and in a file that outlives the process."""

import hashlib
import json
import os
import sys
import threading
from collections import OrderedDict
from collections.abc import Iterator
from pathlib import Path
from typing import Any, Final

from tagrouter.errors import DataFileError, InvalidInputError
from tagrouter.tags.normalize import normalize_tag

Tags = tuple[str, ...]

_REMEDY: Final = (
    'A line of a cache file is {"id": str, "query": str, "tags": [str, ...]}; mend or remove it, '
    "or name another file."
)

_BEGINNING: Final = b'{"id": "prompted-'


class TagCache:
    """Tags by query, for one chat model and one prompt. Safe to share between threads.

    Args:
        fingerprint: Of whatever the tags depend on beside the query.
        size: Most queries kept in memory; the least recently used go first.
        path: A file that answers are appended to as they come, one JSON line each, and read from
            when first used. It has the form of a tag corpus. Records of other prompts and models
            may stand in it and are left alone. One process at a time may write to it.
    """

    def __init__(self, fingerprint: str, *, size: int, path: Path | None = None) -> None:
        if not isinstance(size, int) or isinstance(size, bool) or size < 0:
            raise InvalidInputError(
                f"The cache size is {size!r}; give a number of queries, 0 for no cache in memory."
            )
        self.fingerprint = fingerprint
        self.size = size
        self.path = path
        self._recent: OrderedDict[str, Tags] = OrderedDict()
        self._filed: dict[str, Tags] | None = {} if path is None else None
        self._lock = threading.Lock()

    @property
    def loaded(self) -> bool:
        """Whether the file, if any, has been read."""
        return self._filed is not None

    def get(self, query: str) -> Tags | None:
        """Look a query up.

        Args:
            query: The text.

        Returns:
            Its tags, None if they are not known.

        Raises:
            DataFileError: If the file cannot be read.
        """
        key = self._key(query)
        with self._lock:
            if key in self._recent:
                self._recent.move_to_end(key)
                return self._recent[key]
            return self._records().get(key)

    def put(self, query: str, tags: Tags) -> None:
        """Keep the tags of a query; with a file, they are there when this returns.

        Args:
            query: The text.
            tags: Its tags.

        Raises:
            DataFileError: If the file cannot be written.
        """
        key = self._key(query)
        with self._lock:
            # Memory first: what was paid for is not lost to a full disk.
            self._recent[key] = tags
            self._recent.move_to_end(key)
            while len(self._recent) > self.size:
                self._recent.popitem(last=False)
            records = self._records()
            if self.path is not None and key not in records:
                _append(self.path, {"id": key, "query": query, "tags": list(tags)})
                records[key] = tags

    def _key(self, query: str) -> str:
        digest = hashlib.sha256(query.encode("utf-8", "surrogatepass")).hexdigest()
        return f"prompted-{self.fingerprint}/{digest[:32]}"

    def _records(self) -> dict[str, Tags]:
        if self._filed is None:
            prefix = self._key("").partition("/")[0]
            rows = _read(self.path) if self.path is not None else iter(())
            self._filed = {key: tags for key, tags in rows if key.partition("/")[0] == prefix}
        return self._filed

    def __getstate__(self) -> dict[str, Any]:
        """Leave the lock and the records behind: a copy starts anew, from the file if any."""
        return {"fingerprint": self.fingerprint, "size": self.size, "path": self.path}

    def __setstate__(self, state: dict[str, Any]) -> None:
        """Start with nothing in memory."""
        TagCache.__init__(self, **state)


def _append(path: Path, row: dict[str, Any]) -> None:
    """Write one line in one call, so that a killed process leaves whole lines."""
    try:
        line = json.dumps(row, ensure_ascii=False).encode("utf-8")
    except UnicodeEncodeError:  # half a surrogate pair: JSON can say it, UTF-8 cannot
        line = json.dumps(row).encode("ascii")
    try:
        with path.open("ab", buffering=0) as stream:
            left = line + b"\n"
            while left:
                left = left[stream.write(left) :]
    except OSError as error:
        raise DataFileError(
            f"{path} cannot be written ({error.strerror or error}). Check the folder, its "
            "permissions and the free space; what was answered before stands in the file."
        ) from error


def _read(path: Path) -> Iterator[tuple[str, Tags]]:
    try:
        _close_last_line(path)
        with path.open("rb") as lines:
            for number, line in enumerate(lines, start=1):
                if line.strip():
                    yield _parse(line, f"{path}:{number}")
    except FileNotFoundError:
        if not path.parent.is_dir():  # say so before the first answer is paid for
            raise DataFileError(
                f"{path} cannot be made: there is no folder {path.parent}."
            ) from None
    except OSError as error:
        raise DataFileError(
            f"{path} cannot be read ({error.strerror or error}). Check the path."
        ) from error


def _close_last_line(path: Path) -> None:
    """Cut off what a full disk or a power cut left of a last line that `_append` wrote."""
    with path.open("rb+") as stream:
        end = whole = stream.seek(0, os.SEEK_END)
        while whole > 0:
            start = max(0, whole - 65536)
            stream.seek(start)
            newline = stream.read(whole - start).rfind(b"\n")
            whole = start if newline < 0 else start + newline + 1
            if newline >= 0:
                break
        if whole == end:
            return
        stream.seek(whole)
        rest = stream.read()
        if _is_record(rest):
            stream.write(b"\n")
        elif rest.startswith(_BEGINNING) or _BEGINNING.startswith(rest):
            stream.truncate(whole)
        # Anything else is somebody's text: it is refused where it is parsed, and stays.


def _is_record(line: bytes) -> bool:
    try:
        _parse(line, "")
    except DataFileError:
        return False
    return True


def _parse(line: bytes, place: str) -> tuple[str, Tags]:
    try:
        row = json.loads(line.decode("utf-8"))
    except (ValueError, RecursionError) as error:
        raise DataFileError(f"{place}: not JSON ({error}). {_REMEDY}") from error
    key = row.get("id") if isinstance(row, dict) else None
    tags = row.get("tags") if isinstance(row, dict) else None
    if not isinstance(key, str) or not isinstance(tags, list) or not tags:
        raise DataFileError(f"{place}: no 'id' or no 'tags'. {_REMEDY}")
    # The file may have been edited by hand.
    names = [normalize_tag(tag) if isinstance(tag, str) else "" for tag in tags]
    if not all(names):
        raise DataFileError(f"{place}: a tag is not text of 1 to 5 words. {_REMEDY}")
    return key, tuple(sys.intern(name) for name in dict.fromkeys(names))
