"""Writing files whole or not at all."""

import os
import secrets
from collections.abc import Iterator
from contextlib import contextmanager, suppress
from pathlib import Path
from typing import BinaryIO

from tagrouter.errors import DataFileError


@contextmanager
def replaced_whole(path: Path) -> Iterator[BinaryIO]:
    """Open a file for writing that takes its place only when the block ends well.

    The bytes go into a temporary file in the same folder, which is synced to disk and renamed. If
    anything fails, it is removed, and what stood at `path` stays as it was.

    Args:
        path: Where the finished file shall stand; a link is followed.

    Yields:
        The stream to write to.

    Raises:
        DataFileError: If the system refuses to write.
    """
    target = _resolved(path)
    temporary = target.with_name(f".{target.name}.{secrets.token_hex(8)}.tmp")
    try:
        mode = target.stat().st_mode & 0o777 if target.exists() else None
        with temporary.open("xb") as stream:
            yield stream
            stream.flush()
            os.fsync(stream.fileno())
        if mode is not None:
            temporary.chmod(mode)
        temporary.replace(target)
    except OSError as error:
        raise DataFileError(
            f"{path} cannot be written ({error.strerror or error}); nothing was changed there. "
            "Check the folder, its permissions and the free space."
        ) from error
    finally:
        with suppress(OSError):  # it is gone after a rename, and was never there without a folder
            temporary.unlink()


def _resolved(path: Path) -> Path:
    try:
        target = path.resolve()
    except (OSError, RuntimeError, ValueError) as error:  # links in a circle, a NUL in the name
        raise DataFileError(f"{path} cannot be written ({error}). Check the path.") from error
    if not target.name or (target.exists() and not target.is_file()):
        raise DataFileError(f"{path} is not a regular file. Name the file to write.")
    return target
