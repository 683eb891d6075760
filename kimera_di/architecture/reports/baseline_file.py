"""The baseline on disk: where it is, reading it, writing it.

In: paths. Out: entries, or a file. What the entries mean is said in
``reports.baseline``.
"""

from collections.abc import Sequence
from pathlib import Path

from kimera_di.architecture.reports.baseline import BaselineEntry, read_baseline, render_baseline
from kimera_di.errors import BaselineError, UnwritableReportError


def default_baseline(config: Path) -> Path:
    """Give the baseline of a contract file: beside it, ``contracts/shop.toml`` has ``contracts/shop.baseline.json``."""
    return config.with_suffix(".baseline.json")


def load_baseline(path: Path) -> tuple[BaselineEntry, ...]:
    """Read a baseline file.

    Args:
        path: The file.

    Returns:
        Its entries.

    Raises:
        BaselineError: It is missing or damaged; with file and line.
    """
    try:
        content = path.read_bytes()
    except FileNotFoundError as error:
        todo = "correct the path, or write the file with kimera baseline"
        raise BaselineError("there is no baseline", str(path), todo=todo) from error
    except OSError as error:
        raise BaselineError(f"the baseline cannot be read: {error.strerror}", str(path)) from error
    return read_baseline(content, str(path))


def save_baseline(path: Path, entries: Sequence[BaselineEntry]) -> None:
    """Write a baseline file; its folders are made, and an old file is replaced.

    Args:
        path: The file.
        entries: What is known.

    Raises:
        UnwritableReportError: It cannot be written.
    """
    try:
        path.parent.mkdir(parents=True, exist_ok=True)
        path.write_bytes(render_baseline(entries).encode("utf-8"))
    except OSError as error:
        facts = (("do this", "give a path that can be written: --output FILE"),)
        raise UnwritableReportError(f"cannot write the baseline to {path}: {error.strerror}", facts=facts) from error
