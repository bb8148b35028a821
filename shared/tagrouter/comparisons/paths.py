"""Which files a user means, and what their names tell."""

from pathlib import Path

from tagrouter.errors import DataFileError


def named_csv(path: Path) -> bool:
    """Tell from a file's name whether it holds comma-separated values.

    Args:
        path: The file; it need not be there.

    Returns:
        Whether it is named ``*.csv`` or ``*.csv.gz``.
    """
    return path.name.lower().removesuffix(".gz").endswith(".csv")


def files_in(path: Path, pattern: str) -> list[Path]:
    """List the files that a user means with a file or a folder.

    Args:
        path: What the user gave.
        pattern: What the files of a folder are named like, such as ``*.csv``.

    Returns:
        The file itself, or those of the folder in the order of their names.

    Raises:
        DataFileError: If the folder holds none.
    """
    if not path.is_dir():
        return [path]
    files = sorted(path.glob(pattern))
    if not files:
        raise DataFileError(f"No {pattern} in the folder {path}. Give a folder that has some.")
    return files
