"""Find the line of every key of a TOML document, which ``tomllib`` does not tell.

In: the text of a document that ``tomllib`` has accepted. Out: a mapping from the path of each key, header
and array item to its line. Decides nothing about the values; text that is not valid TOML gives an
incomplete mapping, never an exception.

Source: the grammar of TOML 1.0, https://toml.io/en/v1.0.0.
"""

import re
from collections.abc import Mapping

Path = tuple[str | int, ...]

_KEY = re.compile(r"""[ \t]*(?:"((?:[^"\\]|\\.)*)"|'([^']*)'|([A-Za-z0-9_-]+))[ \t]*""")
_SPACE = re.compile(r"(?:[ \t\r\n]+|#[^\n]*)*")
_STRING = re.compile(r'"""(?:\\.|[^\\])*?"{3,5}|\'\'\'.*?\'{3,5}|"(?:[^"\\\n]|\\.)*"|\'[^\'\n]*\'', re.DOTALL)
_BARE = re.compile(r"[^,\]}#\n]*")


def is_toml(file: str) -> bool:
    """Say whether a contract file is TOML and not INI; import-linter goes by the name alone."""
    return file.endswith(".toml")


def key_lines(text: str) -> Mapping[Path, int]:
    """Map every path to its line; ``("tool", "importlinter", "contracts", 0, "layers", 2)`` is an array's item.

    Args:
        text: A valid TOML document.

    Returns:
        Lines, the first being 1. Time O(length of the text).
    """
    scanner = _Scanner(text)
    scanner.document()
    return scanner.lines


class _Scanner:
    """One pass over the text; ``at`` only moves forward."""

    def __init__(self, text: str) -> None:
        self.text = text
        self.at = 0
        self.lines: dict[Path, int] = {}
        self._line, self._counted = 1, 0
        self._tables: dict[Path, int] = {}

    def document(self) -> None:
        prefix: Path = ()
        while self._skip_space():
            if self.text[self.at] == "[":
                prefix = self._header()
            elif not self._pair(prefix):
                return

    def _header(self) -> Path:
        array = self.text.startswith("[[", self.at)
        line = self._line_here()
        self.at += 2 if array else 1
        path = self._placed(self._key_path())
        if array:
            self._tables[path] = self._tables.get(path, -1) + 1
            path = (*path, self._tables[path])
        self.lines[path] = line
        end = self.text.find("\n", self.at)
        self.at = len(self.text) if end < 0 else end
        return path

    def _placed(self, keys: list[str]) -> Path:
        """Insert the number of the current element after the name of each array of tables on the way."""
        path: Path = ()
        for position, key in enumerate(keys):
            path = (*path, key)
            if path in self._tables and position < len(keys) - 1:
                path = (*path, self._tables[path])
        return path

    def _pair(self, prefix: Path) -> bool:
        line = self._line_here()
        keys = self._key_path()
        if not keys or not self.text.startswith("=", self.at):
            return False
        path = (*prefix, *keys)
        self.lines.setdefault(path, line)
        self.at += 1
        self._value(path)
        return True

    def _key_path(self) -> list[str]:
        keys: list[str] = []
        while match := _KEY.match(self.text, self.at):
            self.at = match.end()
            keys.append(next(group for group in match.groups() if group is not None))
            if not self.text.startswith(".", self.at):
                break
            self.at += 1
        return keys

    def _value(self, path: Path) -> None:
        self._skip_space()
        opening = self.text[self.at : self.at + 1]
        if opening == "[":
            self._items(path, "]")
        elif opening == "{":
            self._items(path, "}")
        else:
            match = _STRING.match(self.text, self.at) or _BARE.match(self.text, self.at)
            self.at = match.end() if match else self.at + 1

    def _items(self, path: Path, closing: str) -> None:
        self.at += 1
        number = 0
        while self._skip_space() and self.text[self.at] != closing:
            if self.text[self.at] == ",":
                self.at += 1
            elif closing == "]":
                self.lines[(*path, number)] = self._line_here()
                self._value((*path, number))
                number += 1
            elif not self._pair(path):
                return
        self.at += 1

    def _skip_space(self) -> bool:
        match = _SPACE.match(self.text, self.at)
        self.at = match.end() if match else self.at
        return self.at < len(self.text)

    def _line_here(self) -> int:
        self._line += self.text.count("\n", self._counted, self.at)
        self._counted = self.at
        return self._line
