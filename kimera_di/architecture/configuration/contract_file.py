"""Read a contract file: everything it says, and everything that is wrong with it.

In: the path of a TOML file with a ``[tool.importlinter]`` table, or of an INI file. Out: a `ContractFile`. Raises only
when the file as a whole cannot be read; any other mistake is kept where it was found, so that all are reported at
once and the contracts without mistakes are still checked. Needs the standard library only.
"""

import re
import tomllib
from collections.abc import Mapping
from dataclasses import replace
from pathlib import Path
from typing import cast

from kimera_di.architecture.configuration.contract_options import COMMON, READERS, read_ignores, read_why
from kimera_di.architecture.configuration.ini_tables import ini_tables, one_text
from kimera_di.architecture.configuration.option_reader import OptionReader
from kimera_di.architecture.configuration.toml_lines import Path as KeyPath
from kimera_di.architecture.configuration.toml_lines import is_toml, key_lines
from kimera_di.architecture.model.specs import (
    BUILT_IN_TYPES,
    KIMERA_TYPES,
    AllowUnseen,
    BuiltInOptions,
    ContractFile,
    ContractSpec,
    LayersOptions,
    WiringOptions,
)
from kimera_di.errors import ContractError
from kimera_di.rendering import did_you_mean

_TABLE: KeyPath = ("tool", "importlinter")
_SESSION = (
    "root_package",
    "root_packages",
    "include_external_packages",
    "exclude_type_checking_imports",
    "contract_types",
    "kimera",
    "contracts",
    "show_timings",
)


def read_contract_file(path: str | Path) -> ContractFile:
    """Read one contract file.

    Args:
        path: A ``.toml`` file, for instance ``pyproject.toml``; any other name is that of an INI file, as for
            ``lint-imports``.

    Returns:
        What it says. `ContractFile.mistakes` and `ContractSpec.mistakes` hold what is wrong with it.

    Raises:
        ContractError: The file does not exist, cannot be read, is no TOML or INI, or has no table
            ``[tool.importlinter]``, in INI files no section ``[importlinter]``.
    """
    file = str(path)
    text = _read_text(Path(path), file)
    if is_toml(file):
        table, lines = _importlinter_table(_parsed(text, file), file), key_lines(text)
    else:
        table, lines = ini_tables(text, file=file, prefix=_TABLE)
    mistakes = list[ContractError]()
    reader = OptionReader(table, file=file, path=_TABLE, lines=lines, mistakes=mistakes)
    roots = _root_packages(reader)
    externals, no_typing = reader.flag("include_external_packages"), reader.flag("exclude_type_checking_imports")
    reader.texts("contract_types")
    allow = _allow_unseen(reader.subtable("kimera"))
    contracts = _contracts(reader)
    reader.finish(*_SESSION, lenient=True)
    return ContractFile(
        path=file,
        root_packages=roots,
        contracts=contracts,
        allow_unseen=allow,
        include_external_packages=externals,
        exclude_type_checking_imports=no_typing,
        session_options=_session_options(table, roots),
        mistakes=tuple(mistakes),
    )


def read_contract_options(options: Mapping[str, object], *, type_name: str) -> ContractSpec:
    """Read one contract from its options alone, without the file they come from.

    Args:
        options: As import-linter hands them to a contract.
        type_name: The contract type; the file may have registered the class under another name.

    Returns:
        The contract, without lines; ``layers_from`` cannot be followed and is a mistake.
    """
    table = {**options, "why": one_text(options.get("why")), "type": type_name}
    reader = OptionReader(table, file="", path=(), lines={}, mistakes=[])
    spec = _with_layers(_contract(reader, taken={}), [])
    return replace(spec, options=None) if spec.mistakes else spec


def contract_id(name: str) -> str:
    """Make the id of a contract that has none: its name in lower case, other characters as ``-``."""
    return "".join(letter if letter.isalnum() else "-" for letter in name.lower())


def _read_text(path: Path, file: str) -> str:
    try:
        text = path.read_bytes().decode("utf-8")
    except FileNotFoundError:
        raise ContractError(f"there is no contract file {file}", file=file) from None
    except UnicodeDecodeError as error:
        line = path.read_bytes()[: error.start].count(b"\n") + 1
        raise ContractError("the contract file is not UTF-8", file=file, line=line) from error
    except OSError as error:
        raise ContractError(f"the contract file cannot be read: {error.strerror}", file=file) from error
    if text.startswith("\ufeff"):  # what a parser says about it names neither the mark nor a way out
        todo = "save it as UTF-8 without one; lint-imports cannot read it either"
        facts = (("do this", todo),)
        raise ContractError("the contract file begins with a byte order mark", file=file, line=1, facts=facts)
    return text


def _parsed(text: str, file: str) -> Mapping[str, object]:
    try:
        return tomllib.loads(text)
    except tomllib.TOMLDecodeError as error:
        at = re.search(r"at line (\d+)", str(error))
        line = int(at.group(1)) if at else text.count("\n") + 1
        raise ContractError(f"the contract file is no valid TOML: {error}", file=file, line=line) from error
    except (RecursionError, ValueError) as error:  # valid TOML, but more than Python takes
        what = "it is nested too deeply" if isinstance(error, RecursionError) else "a number has too many digits"
        raise ContractError(f"the contract file cannot be read: {what}", file=file) from error


def _importlinter_table(document: Mapping[str, object], file: str) -> Mapping[str, object]:
    tool = document.get("tool")
    table = cast("dict[str, object]", tool).get("importlinter") if isinstance(tool, dict) else None
    if not isinstance(table, dict) or not table:
        todo = 'add [tool.importlinter] with root_packages = ["..."] and [[tool.importlinter.contracts]]'
        raise ContractError("the file has no contracts", file=file, key="tool.importlinter", facts=(("do this", todo),))
    return cast("dict[str, object]", table)


def _root_packages(reader: OptionReader) -> tuple[str, ...]:
    single = reader.text("root_package") if "root_package" in reader.table else None
    several = reader.texts("root_packages", required=single is None and "root_package" not in reader.table)
    if single and several:
        reader.fault("root_package", "root_package and root_packages are both given", todo="keep root_packages")
    for number, name in enumerate(several):
        if not all(part.isidentifier() for part in name.split(".")):
            reader.fault("root_packages", f"{name!r} is no package name", item=number)
    return several or ((single,) if single else ())


def _allow_unseen(reader: OptionReader) -> tuple[AllowUnseen, ...]:
    globs = reader.texts("allow_unseen")
    reader.finish()
    return tuple(AllowUnseen(glob, reader.line_of("allow_unseen", number)) for number, glob in enumerate(globs))


def _contracts(reader: OptionReader) -> tuple[ContractSpec, ...]:
    entries = reader.tables("contracts")
    if reader.table.get("contracts", []) == []:
        header = "[[tool.importlinter.contracts]]" if is_toml(reader.file) else "[importlinter:contract:ID]"
        reader.fault("contracts", "the file has no contracts", todo=f"add {header}")
    specs: list[ContractSpec] = []
    for entry in entries:
        own = OptionReader(entry.table, file=entry.file, path=entry.path, lines=entry.lines, mistakes=[])
        specs.append(_contract(own, taken={spec.id: spec for spec in specs}))
    completed = [_with_layers(spec, specs) for spec in specs]
    return tuple(replace(spec, options=None) if spec.mistakes else spec for spec in completed)


def _contract(reader: OptionReader, taken: Mapping[str, ContractSpec]) -> ContractSpec:
    name = reader.text("name", required=True) or "(no name)"
    identity = reader.text("id") or contract_id(name)
    if identity in taken:
        key, first = "id" if "id" in reader.table else "name", taken[identity]
        reader.fault(key, f"the id {identity!r} is taken by line {first.line}", todo="give it an id of its own")
    type_name = _type_name(reader)
    lines = {key: reader.line_of(key) for key in reader.table}
    spec = ContractSpec(identity, name, type_name, reader.file, reader.line, None, option_lines=lines)
    if type_name in BUILT_IN_TYPES:
        options = {key: value for key, value in reader.table.items() if key not in {"id", "name", "type"}}
        return replace(spec, options=BuiltInOptions(options), mistakes=tuple(reader.mistakes))
    if type_name not in READERS:
        return replace(spec, mistakes=tuple(reader.mistakes))
    why, ignores, read = read_why(reader), read_ignores(reader), READERS[type_name](reader)
    reader.finish(*COMMON)
    return replace(spec, why=why, ignores=ignores, options=read, mistakes=tuple(reader.mistakes))


def _type_name(reader: OptionReader) -> str:
    known = (*KIMERA_TYPES, *BUILT_IN_TYPES)
    name = reader.text("type", required=True, todo=f"use one of {', '.join(known)}") or ""
    if name and name not in known:
        todo = f"use one of {', '.join(known)}"
        reader.fault("type", f"unknown contract type {name!r}", todo=todo, guess=did_you_mean(name, known))
    return name


def _with_layers(spec: ContractSpec, specs: list[ContractSpec]) -> ContractSpec:
    """Take the layers of a wiring contract over from the contract that it names."""
    options = spec.options
    if not isinstance(options, WiringOptions) or options.layers_from is None:
        return spec
    wanted = options.layers_from
    layered = {other.id: other for other in specs if other.type == "kimera_layers"}
    source = layered.get(wanted)
    if source is not None and isinstance(source.options, LayersOptions) and not source.mistakes:
        found = source.options
        taken = replace(options, layers=found.layers, containers=found.containers, closed=found.closed)
        return replace(spec, options=taken)
    if source is not None:
        summary, guess = f"layers_from: the contract {wanted!r} has mistakes of its own", ""
    else:
        summary = f"layers_from: there is no kimera_layers contract with the id {wanted!r}"
        guess = ", ".join(did_you_mean(wanted, layered) or sorted(layered))
    facts = (("did you mean", guess),)
    line = spec.line_of("layers_from")
    error = ContractError(summary, file=spec.file, key="layers_from", line=line, facts=facts)
    return replace(spec, mistakes=(*spec.mistakes, error))


def _session_options(table: Mapping[str, object], roots: tuple[str, ...]) -> Mapping[str, object]:
    """Give the session table as import-linter's reader does: booleans as text, always ``root_packages``."""
    kept = {key: value for key, value in table.items() if key not in {"contracts", "root_package"}}
    session = {key: str(value) if isinstance(value, bool) else value for key, value in kept.items()}
    return {**session, "root_packages": list(roots)}
