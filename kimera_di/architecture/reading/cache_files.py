"""A file of a cache: whole or not there, for one set of options only, left alone by other programs.

In: plain data. Out: the same data in a later run, or nothing. Knows nothing of what it keeps.

Source:
    CACHEDIR.TAG: Cache Directory Tagging Specification 0.6, https://bford.info/cachedir/.
"""

import hashlib
import json
import os
from collections.abc import Mapping, Sequence
from contextlib import suppress
from dataclasses import dataclass
from pathlib import Path
from typing import Any, cast

CACHE_FOLDER = ".kimera_cache"
"""Where caches live unless the user names a folder: in the current one."""
_MARKS = {
    ".gitignore": "*\n",
    "CACHEDIR.TAG": "Signature: 8a477f597d28d172789f06886806bc55\n# Written by kimera; may be deleted at any time.\n",
}
"""What tells other programs to leave the folder alone."""


@dataclass(frozen=True, slots=True)
class CacheFile:
    """One file for one set of options; different options never share a file.

    Args:
        folder: Where caches live, ``.kimera_cache`` for the command.
        options: What tells this file from others of the same name.
        name: Of the file.
    """

    folder: Path
    options: Sequence[str]
    name: str

    @property
    def path(self) -> Path:
        """Where the file is."""
        text = "\0".join(self.options).encode("utf-8", "surrogateescape")
        return self.folder / hashlib.blake2b(text, digest_size=12).hexdigest() / self.name

    def read(self) -> Mapping[str, Any] | None:
        """Give what was written.

        Returns:
            The data; ``None`` when a byte of it has changed since, or when it was written for other options.

        Raises:
            OSError: There is no file, or it cannot be read.
            ValueError: It was sealed, but is no JSON.
        """
        stored = _unsealed(self.path.read_bytes())
        if not isinstance(stored, dict):
            return None
        content = cast("dict[str, Any]", stored)
        return content if content.get("options") == list(self.options) else None

    def write(self, content: Mapping[str, object]) -> None:
        """Keep data; whoever reads at the same time gets the old or the new one, never a half.

        Args:
            content: Plain data for JSON.

        Raises:
            OSError: The folder cannot be written.
        """
        sealed = _sealed({"options": list(self.options), **content})
        self._make_folder()
        # Not `tempfile`, which takes 5 ms to load; like there nobody else may read it, and no other file is taken.
        temporary = self.path.parent / f"tmp{os.urandom(8).hex()}"
        handle = os.open(temporary, os.O_WRONLY | os.O_CREAT | os.O_EXCL | getattr(os, "O_BINARY", 0), 0o600)
        try:
            with os.fdopen(handle, "wb") as file:
                file.write(sealed)
            os.replace(temporary, self.path)
        except BaseException:  # Ctrl-C too leaves no half-written file behind
            with suppress(OSError):  # the first error is the one to report
                os.unlink(temporary)
            raise

    def _make_folder(self) -> None:
        if not self.folder.exists():
            # Only in a folder of our own: the user may have named one with other things in it.
            self.folder.mkdir(parents=True, exist_ok=True)
            for name, text in _MARKS.items():
                (self.folder / name).write_text(text, encoding="utf-8")
        self.path.parent.mkdir(exist_ok=True)


def _sealed(content: object) -> bytes:
    body = json.dumps(content, separators=(",", ":")).encode()
    return f"{hashlib.blake2b(body, digest_size=16).hexdigest()}\n".encode() + body


def _unsealed(content: bytes) -> Any:
    """Give what was sealed, or ``None`` when a byte of it has changed since."""
    seal, _, body = content.partition(b"\n")
    return json.loads(body) if hashlib.blake2b(body, digest_size=16).hexdigest().encode() == seal else None
