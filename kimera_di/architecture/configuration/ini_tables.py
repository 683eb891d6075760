"""Read an INI contract file into the same tables that a TOML one gives, with the line of every option.

In: the text of an INI file. Out: a table and lines, as ``tomllib`` and `key_lines` give them for TOML. Decides nothing
about the values: they are texts, or lists of texts where the file has several lines. Needs the standard library only.

Source: sections and values are those of import-linter's reader, which is configparser with its default options,
https://docs.python.org/3/library/configparser.html.
"""

import configparser
import re
from collections.abc import Mapping, Sequence
from typing import cast

from kimera_di.architecture.configuration.toml_lines import Path
from kimera_di.errors import ContractError

_SESSION = "importlinter"
_OURS = "kimera_"
"""``kimera_allow_unseen = ...`` in the session stands for ``allow_unseen`` in the table ``kimera``."""
_QUOTING = re.compile(r'\["|"\]|"')
_HEADER = re.compile(r"\[(?P<name>.+)\]")
_OPTION = re.compile(r"(?P<name>.*?)\s*[=:]\s*(?P<value>.*)$")
_Lines = Mapping[tuple[str, str], Sequence[tuple[int, str]]]
"""Section and option -> number and text of each line of the value; the option "" is the section itself."""


def ini_tables(text: str, *, file: str, prefix: Path) -> tuple[Mapping[str, object], Mapping[Path, int]]:
    """Read ``[importlinter]`` and every ``[importlinter:contract:ID]``.

    Args:
        text: The file.
        file: Its path, for messages.
        prefix: Where the table stands in a TOML document; put before every path of the lines.

    Returns:
        The table with its ``contracts``, and the lines. Time O(length of the text).

    Raises:
        ContractError: The text is no INI, or has no section ``[importlinter]``.
    """
    source = _option_lines(text)
    parser = configparser.ConfigParser()
    lines: dict[Path, int] = {}
    try:
        parser.read_string(text)
        table = _section(parser, _SESSION, source, prefix, lines) if parser.has_section(_SESSION) else None
        sections = [name for name in parser.sections() if name.startswith(f"{_SESSION}:")]
        contracts = [
            {"id": name.rpartition(":")[2], **_section(parser, name, source, (*prefix, "contracts", number), lines)}
            for number, name in enumerate(sections)
        ]
    except configparser.Error as error:
        raise _unreadable(error, source, file) from error
    if table is None:
        todo = "add [importlinter] with root_packages, and a section [importlinter:contract:ID] for each contract"
        raise ContractError("the file has no contracts", file=file, key=f"[{_SESSION}]", facts=(("do this", todo),))
    return {**_nested(table, prefix, lines), "contracts": contracts}, lines


def as_ini(advice: str) -> str:
    """Take the quotes and brackets of TOML out of an advice; in INI they would become part of the value."""
    return _QUOTING.sub("", advice)


def one_text(value: object) -> object:
    """Give the lines of a text as one text; INI files have no other way to break it."""
    return "\n".join(str(line) for line in cast("list[object]", value)) if isinstance(value, list) else value


def _section(
    parser: configparser.ConfigParser, name: str, source: _Lines, path: Path, lines: dict[Path, int]
) -> dict[str, object]:
    """Give the values of one section, and put its lines under ``path``."""
    lines[path] = source[name, ""][0][0] if (name, "") in source else 0
    found: dict[str, object] = {}
    for option, value in parser[name].items():
        places = source.get((name, option), ())
        lines[*path, option] = places[0][0] if places else lines[path]
        items = [text for text in value.strip().split("\n") if text.strip()]
        found[option] = items if "\n" in value else value
        filled = [number for number, text in places if text]
        if len(filled) == len(items):
            lines.update({(*path, option, number): line for number, line in enumerate(filled)})
    if "why" in found:
        found["why"] = one_text(found["why"])
    return found


def _nested(table: Mapping[str, object], prefix: Path, lines: dict[Path, int]) -> dict[str, object]:
    ours = {key: value for key, value in table.items() if key.startswith(_OURS)}
    if not ours:
        return dict(table)
    for path, line in list(lines.items()):
        head, key = path[: len(prefix)], path[len(prefix)] if len(path) > len(prefix) else ""
        if head == prefix and key in ours:
            lines[*prefix, "kimera", str(key).removeprefix(_OURS), *path[len(prefix) + 1 :]] = line
    rest = {key: value for key, value in table.items() if key not in ours}
    return {**rest, "kimera": {key.removeprefix(_OURS): value for key, value in ours.items()}}


def _option_lines(text: str) -> _Lines:
    """Find the lines of every value, by the rules of configparser: what is indented deeper goes on."""
    found: dict[tuple[str, str], list[tuple[int, str]]] = {}
    section, option, indent = "", "", 0
    for number, line in enumerate(text.split("\n"), start=1):
        stripped = line.strip()
        if not stripped or stripped[0] in "#;":
            continue
        depth = len(line) - len(line.lstrip())
        if option and depth > indent:
            found[section, option].append((number, stripped))
            continue
        indent = depth
        header, pair = _HEADER.match(stripped), _OPTION.match(stripped)
        if header:
            section, option = header["name"], ""
            found.setdefault((section, ""), []).append((number, stripped))
        elif pair:
            option = pair["name"].lower()
            found.setdefault((section, option), []).append((number, pair["value"]))
    return found


def _unreadable(error: configparser.Error, source: _Lines, file: str) -> ContractError:
    line, summary, todo = 0, str(error).partition("\n")[0], "correct the file; lint-imports cannot read it either"
    match error:
        case configparser.MissingSectionHeaderError(lineno=number):
            line, summary, todo = number, "there is text before the first [section]", "begin with [importlinter]"
        case configparser.ParsingError(errors=[(number, _), *_]):
            line, summary = number, "a line is neither [section] nor option = value"
            todo = "indent what belongs to the value above it"
        case configparser.DuplicateSectionError(section=name, lineno=number):
            line, summary, todo = number or 0, f"the section [{name}] is there twice", "keep one of them"
        case configparser.DuplicateOptionError(section=name, option=option, lineno=number):
            line, summary, todo = number or 0, f"{option} is there twice in [{name}]", "keep one of them"
        case configparser.InterpolationError(section=name, option=option):
            places = source.get((name, option), ((0, ""),))
            line = next((number for number, text in places if "%" in text), places[0][0])
            summary, todo = f"{option}: a lone % means something else in INI files", "write %%"
        case _:
            pass
    facts = (("do this", todo),)
    return ContractError(f"the contract file is no valid INI: {summary}", file=file, line=line, facts=facts)
