"""The code that checkers are timed on: copies of real packages, and one made up of 5,000 modules.

In: a folder. Out: a `CodeBase` in it: packages, contracts for kimera_di and import-linter, rules for tach. Copies, so
that a benchmark may edit files, and every checker finds the same tree.
"""

import shutil
from collections.abc import Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import Final

HOME: Final = Path(__file__).resolve().parent.parent
INPUT: Final = HOME / ".real_input"
LAYERS: Final = {
    "django": ("contrib", "views", "forms", "template", "db", "core"),
    "sympy": ("physics", "stats", "solvers", "geometry", "polys", "core"),
    "synthetic": ("layer5", "layer4", "layer3", "layer2", "layer1", "layer0"),
}
"""High to low. None of these orders holds, so that there is something to find."""
_PARTS, _MODULES = 17, 50
"""Packages in each layer of the made-up code base, modules in each package: 5,200 modules."""


@dataclass(frozen=True, slots=True)
class CodeBase:
    """One package to check.

    Attributes:
        folder: Holds the package, the contracts and tach's rules; the commands run here.
        package: Its name.
        modules: How many files it has.
        edited: A module that the benchmark adds lines to.
    """

    folder: Path
    package: str
    modules: int
    edited: Path


def make_code_base(package: str, parent: Path) -> CodeBase:
    """Copy or write a package and the rules for it.

    Args:
        package: One of `LAYERS`.
        parent: Where to put the folder.

    Returns:
        What can be checked.

    Raises:
        FileNotFoundError: A real package is not there; `make real-input` installs it.
    """
    folder = parent / package
    layers = LAYERS[package]
    if package == "synthetic":
        _write_synthetic(folder / package, layers)
    else:
        ignored = shutil.ignore_patterns("__pycache__", "*.pyc")
        shutil.copytree(INPUT / package, folder / package, ignore=ignored)
    (folder / "contracts.toml").write_text(_contracts(package, layers), encoding="utf-8")
    (folder / "tach.toml").write_text(_tach(package, layers), encoding="utf-8")
    files = sorted((folder / package).rglob("*.py"))
    edited = next(file for file in files if layers[-1] in file.parts and file.name != "__init__.py")
    return CodeBase(folder, package, len(files), edited)


def _write_synthetic(package: Path, layers: Sequence[str]) -> None:
    """Write modules with four imports each: mostly down, one in a hundred modules up."""
    names = [f"{layer}.p{part}.m{number}" for layer in layers for part in range(_PARTS) for number in range(_MODULES)]
    for index, name in enumerate(names):
        below = len(names) - index
        targets = {names[index + (index * step * 7919 + step) % below] for step in (1, 2, 3, 4)}
        if index % 100 == 99:
            targets.add(names[index // 2])
        file = package.joinpath(*name.split(".")).with_suffix(".py")
        file.parent.mkdir(parents=True, exist_ok=True)
        lines = [f"import {package.name}.{target}\n" for target in sorted(targets - {name})]
        file.write_text(
            "".join(lines) + '\n\ndef work(value: int) -> int:\n    """Work."""\n    return value + 1\n' * 5
        )
    for folder in {package, *(path for path in package.rglob("*") if path.is_dir())}:
        (folder / "__init__.py").touch()


def _contracts(package: str, layers: Sequence[str]) -> str:
    rows = ", ".join(f'"{layer}"' for layer in layers)
    kinds = {"ours": 'type = "kimera_layers"\nwhy = "to be measured"', "built-in": 'type = "layers"'}
    contracts = (
        f'[[tool.importlinter.contracts]]\nid = "{name}"\nname = "{name}"\n{kind}\n'
        f'layers = [{rows}]\ncontainers = ["{package}"]\n'
        for name, kind in kinds.items()
    )
    types = 'contract_types = ["kimera_layers: kimera_di.contracts.LayersContract"]'
    return "\n".join((f'[tool.importlinter]\nroot_packages = ["{package}"]\n{types}\n', *contracts))


def _tach(package: str, layers: Sequence[str]) -> str:
    rows = ", ".join(f'"{layer}"' for layer in layers)
    modules = (f'[[modules]]\npath = "{package}.{layer}"\nlayer = "{layer}"\n' for layer in layers)
    return "\n".join((f'source_roots = ["."]\nlayers = [{rows}]\n', *modules))
