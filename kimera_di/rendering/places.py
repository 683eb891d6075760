"""How a line of a file is shown: relative to the current folder when below it, POSIX slashes."""

import os


def show_place(file: str | None, line: int | None) -> str:
    """Write ``shop/main.py:31``.

    Args:
        file: Path of the source file, or ``None`` when it is not known.
        line: Line number, or ``None`` or 0 when only the file is known.

    Returns:
        The place a terminal can jump to; "(no source)" without a file.
    """
    if not file:
        return "(no source)"
    shown = file
    if os.path.isabs(file):
        try:
            relative = os.path.relpath(file)
        except (ValueError, OSError):  # another drive, or the current folder is gone
            relative = file
        shown = file if relative.startswith("..") else relative
    shown = shown.replace(os.sep, "/")
    return f"{shown}:{line}" if line else shown
