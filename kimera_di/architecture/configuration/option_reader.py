"""Take values out of one table of a contract file, and collect every mistake on the way.

In: a table as ``tomllib`` gives it. Out: typed values, and one `ContractError` per mistake with file, key and
line; nothing is raised, so that a reader sees all mistakes at once. Knows no contract type.
"""

import datetime
from collections.abc import Callable, Collection, Mapping, Sequence
from math import isfinite
from typing import TypeVar, cast

from kimera_di.architecture.configuration.ini_tables import as_ini
from kimera_di.architecture.configuration.toml_lines import Path, is_toml
from kimera_di.errors import ContractError
from kimera_di.rendering import did_you_mean

_Text = TypeVar("_Text", bound=str)
_SHOWN = 60
"""Characters of a wrong value that a message shows."""


class OptionReader:
    """Reads one table; ask for every known option, then call `finish`.

    Args:
        table: The table.
        file: The contract file, for messages.
        path: Where the table stands in the document.
        lines: Lines of the document's keys, from `key_lines`.
        mistakes: Receives what is wrong; shared by the readers of nested tables.
        label: Put before the key in messages, for nested tables.
    """

    def __init__(
        self,
        table: Mapping[str, object],
        *,
        file: str,
        path: Path,
        lines: Mapping[Path, int],
        mistakes: list[ContractError],
        label: str = "",
    ) -> None:
        self.table: Mapping[str, object] = table
        self.file: str = file
        self.path: Path = path
        self.lines: Mapping[Path, int] = lines
        self.mistakes: list[ContractError] = mistakes
        self.label: str = label
        self._known: list[str] = []

    @property
    def line(self) -> int:
        """The line of the table itself; 0 when it is not known."""
        return self.lines.get(self.path, 0)

    def line_of(self, key: str, *item: int) -> int:
        """Give the line of an option, or of an item of it; the table's when the option is missing."""
        for path in ((*self.path, key, *item), (*self.path, key)):
            if path in self.lines:
                return self.lines[path]
        return self.line

    def fault(
        self, key: str, summary: str, *, item: int | None = None, todo: str = "", guess: Sequence[str] = ()
    ) -> None:
        """Note one mistake about ``key``.

        Args:
            key: The option.
            summary: What is wrong, one sentence.
            item: Number of the item when the option is an array.
            todo: What to do.
            guess: What may have been meant.
        """
        advice = todo if not self.file or is_toml(self.file) else as_ini(todo)
        facts = (("did you mean", ", ".join(guess)), ("do this", advice))
        line = self.line_of(key) if item is None else self.line_of(key, item)
        self.mistakes.append(ContractError(summary, file=self.file, key=f"{self.label}{key}", line=line, facts=facts))

    def text(self, key: str, *, required: bool = False, todo: str = "") -> str | None:
        """Take a string that is not blank; ``None`` when it is missing or wrong."""
        self._known.append(key)
        value = self.table.get(key)
        if value is None:
            if required:
                self.fault(key, f"{self.label}{key} is missing", todo=todo or f'add {key} = "..."')
            return None
        if isinstance(value, str) and value.strip():
            return value.strip()
        self.fault(key, f"{self.label}{key} must be a text that is not empty, not {_shown(value)}", todo=todo)
        return None

    def texts(self, key: str, *, required: bool = False) -> tuple[str, ...]:
        """Take an array of strings; a single string is an array of one, as in import-linter."""
        self._known.append(key)
        value = self.table.get(key)
        if value is None:
            if required:
                self.fault(key, f"{self.label}{key} is missing", todo=f'add {key} = ["..."]')
            return ()
        items = cast("list[object]", value) if isinstance(value, list) else [value]
        found: list[str] = []
        for number, item in enumerate(items):
            if isinstance(item, str) and item.strip():
                found.append(item.strip())
            else:
                summary = f"{self.label}{key} must hold texts only, not {_shown(item)}"
                self.fault(key, summary, item=number, todo=f'write {key} = ["...", "..."]')
        if required and not items:
            self.fault(key, f"{self.label}{key} is empty", todo="a contract without entries checks nothing; add one")
        return tuple(found)

    def flag(self, key: str, *, default: bool = False) -> bool:
        """Take a boolean, or ``default`` when it is missing; import-linter's ``"true"`` and ``"True"`` are accepted."""
        self._known.append(key)
        value = self.table.get(key, default)
        if isinstance(value, str) and value.lower() in {"true", "false"}:
            return value.lower() == "true"
        if isinstance(value, bool):
            return value
        self.fault(key, f"{self.label}{key} must be true or false, not {_shown(value)}")
        return False

    def number(self, key: str) -> int | float | None:
        """Take a finite number, also one in quotes, as INI files have them; ``None`` when it is missing or wrong."""
        self._known.append(key)
        value = self.table.get(key)
        if value is None:
            return None
        found = _as_number(value)
        if found is None:
            self.fault(key, f"{self.label}{key} must be a number, not {_shown(value)}")
        return found

    def choices(self, key: str, allowed: Sequence[_Text]) -> tuple[_Text, ...]:
        """Take an array of strings out of a fixed set."""
        known = {str(item): item for item in allowed}
        found: list[_Text] = []
        for number, text in enumerate(self.texts(key)):
            if text in known:
                found.append(known[text])
            else:
                todo = f"use one of {', '.join(known)}"
                summary = f"{self.label}{key} knows no {text!r}"
                self.fault(key, summary, item=number, todo=todo, guess=did_you_mean(text, known))
        return tuple(found)

    def date(self, key: str) -> datetime.date | None:
        """Take an ISO date, as a text or as a date of TOML."""
        self._known.append(key)
        value = self.table.get(key)
        if value is None or (isinstance(value, datetime.date) and not isinstance(value, datetime.datetime)):
            return value
        if isinstance(value, str):
            try:
                return datetime.date.fromisoformat(value)
            except ValueError:  # reported below, together with values of other types
                pass
        self.fault(key, f"{self.label}{key} is no date: {_shown(value)}", todo=f'write {key} = "2027-03-31"')
        return None

    def tables(
        self, key: str, *, from_text: Callable[[str], Mapping[str, object]] | None = None
    ) -> "tuple[OptionReader, ...]":
        """Take an array of tables, each with a reader of its own; ``from_text`` makes tables of texts."""
        self._known.append(key)
        value = self.table.get(key)
        if value is None:
            return ()
        items = cast("list[object]", value) if isinstance(value, list) else [value]
        readers: list[OptionReader] = []
        for number, item in enumerate(items):
            if from_text is not None and isinstance(item, str):
                readers.append(self._nested(from_text(item), (*self.path, key, number), f"{key}[{number}]."))
            elif isinstance(item, dict):
                readers.append(
                    self._nested(cast("dict[str, object]", item), (*self.path, key, number), f"{key}[{number}].")
                )
            else:
                self.fault(key, f"{self.label}{key} must hold tables, not {_shown(item)}", item=number)
        return tuple(readers)

    def subtable(self, key: str) -> "OptionReader":
        """Take a table; an empty one when it is missing."""
        self._known.append(key)
        value = self.table.get(key, {})
        if not isinstance(value, dict):
            self.fault(key, f"{self.label}{key} must be a table, not {_shown(value)}")
            value = {}
        return self._nested(cast("dict[str, object]", value), (*self.path, key), f"{key}.")

    def finish(self, *more: str, lenient: bool = False) -> None:
        """Report the options nobody asked for.

        Args:
            more: Options that others read.
            lenient: Report only those that look like a misspelt known one.
        """
        known = sorted({*self._known, *more})
        for key in sorted(set(self.table) - set(known)):
            guess = did_you_mean(key, known)
            if guess or not lenient:
                todo = f"known here: {', '.join(known)}"
                self.fault(key, f"unknown option {self.label}{key}", guess=guess, todo=todo)

    def _nested(self, table: Mapping[str, object], path: Path, label: str) -> "OptionReader":
        return OptionReader(
            table, file=self.file, path=path, lines=self.lines, mistakes=self.mistakes, label=f"{self.label}{label}"
        )


def duplicates(items: Collection[str]) -> list[str]:
    """Give the items that occur more than once, sorted."""
    seen = list(items)
    return sorted({item for item in seen if seen.count(item) > 1})


def _as_number(value: object) -> int | float | None:
    if isinstance(value, str):
        try:
            value = int(value) if value.strip().lstrip("+-").isdigit() else float(value)
        except ValueError:
            return None
    if isinstance(value, float):
        return value if isfinite(value) else None
    return value if isinstance(value, int) and not isinstance(value, bool) else None


def _shown(value: object) -> str:
    text = repr(value)
    return text if len(text) <= _SHOWN else f"{text[: _SHOWN - 3]}..."
