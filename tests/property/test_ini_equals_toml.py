"""A contract means the same in INI and in TOML, and its lines are those of its file."""

import datetime
import json
from collections.abc import Sequence
from dataclasses import replace
from pathlib import Path
from typing import NamedTuple

import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from kimera_di.architecture.configuration.contract_file import read_contract_file
from kimera_di.architecture.model.specs import ASKABLE_KINDS, ContractSpec

pytestmark = pytest.mark.check

NAMES = st.from_regex(r"[a-z][a-z0-9_]{0,6}", fullmatch=True)
WORDS = st.from_regex(r"[a-zA-Z(,.!? ]{0,20}[a-z]", fullmatch=True).map(str.strip)


class Ignore(NamedTuple):
    importer: str
    imported: str
    reason: str
    until: datetime.date | None
    issue: str | None


class Contract(NamedTuple):
    why: str
    layers: Sequence[str]
    kinds: Sequence[str]
    ignores: Sequence[Ignore]
    gaps: Sequence[str]
    """What stands between the lines of INI lists: blank lines and comments."""


IGNORES = st.builds(
    Ignore, NAMES, NAMES, WORDS, st.none() | st.dates(), st.none() | st.from_regex(r"#[0-9]{1,3}", fullmatch=True)
)
CONTRACTS = st.builds(
    Contract,
    WORDS,
    st.lists(NAMES, min_size=1, max_size=4, unique=True),
    st.lists(st.sampled_from(ASKABLE_KINDS), max_size=3, unique=True),
    st.lists(IGNORES, max_size=3),
    st.lists(st.sampled_from(["\n", "\n# why\n", "\n    ; why\n", "\n\n"]), min_size=1, max_size=3),
)


def as_ini(contract: Contract) -> str:
    lists = {
        "layers": contract.layers,
        "kinds": contract.kinds,
        "ignore": [
            f"{item.importer} -> {item.imported}  # {item.reason}"
            + (f"; until={item.until}" if item.until else "")
            + (f"; issue={item.issue}" if item.issue else "")
            for item in contract.ignores
        ],
    }
    text = "[importlinter]\nroot_packages = shop\n[importlinter:contract:one]\nname = One\ntype = kimera_layers\n"
    text += f"why = {contract.why}\n"
    for number, (key, items) in enumerate(lists.items()):
        gap = contract.gaps[number % len(contract.gaps)]
        text += f"{key} ={gap}" + gap.join(f"    {item}" for item in items) + "\n" if items else ""
    return text


def as_toml(contract: Contract) -> str:
    ignores = [
        "{"
        + f"import = {json.dumps(f'{item.importer} -> {item.imported}')}, reason = {json.dumps(item.reason)}"
        + (f", until = {item.until}" if item.until else "")
        + (f", issue = {json.dumps(item.issue)}" if item.issue else "")
        + "}"
        for item in contract.ignores
    ]
    head = '[tool.importlinter]\nroot_packages = ["shop"]\n[[tool.importlinter.contracts]]\nid = "one"\nname = "One"\n'
    kinds = f"kinds = {json.dumps(contract.kinds)}\n" if contract.kinds else ""
    return (
        f'{head}type = "kimera_layers"\nwhy = {json.dumps(contract.why)}\nlayers = {json.dumps(contract.layers)}\n'
        f"{kinds}ignore = [{', '.join(ignores)}]\n"
    )


def read(path: Path, text: str) -> ContractSpec:
    path.write_text(text, encoding="utf-8")
    (spec,) = read_contract_file(path).contracts
    return spec


def without_places(spec: ContractSpec) -> ContractSpec:
    ignores = tuple(replace(rule, line=0) for rule in spec.ignores)
    return replace(spec, file="", line=0, option_lines={}, ignores=ignores)


@given(contract=CONTRACTS)
@settings(max_examples=60, deadline=None, suppress_health_check=[HealthCheck.function_scoped_fixture])
def test_both_forms_give_equal_contracts(tmp_path: Path, contract: Contract) -> None:
    ini = read(tmp_path / "setup.cfg", as_ini(contract))
    toml = read(tmp_path / "shop.toml", as_toml(contract))

    assert ini.mistakes == toml.mistakes == ()
    assert without_places(ini) == without_places(toml)


@given(contract=CONTRACTS)
@settings(max_examples=60, deadline=None, suppress_health_check=[HealthCheck.function_scoped_fixture])
def test_every_line_is_where_its_text_stands(tmp_path: Path, contract: Contract) -> None:
    text = as_ini(contract)
    lines = ["", *text.split("\n")]

    spec = read(tmp_path / "setup.cfg", text)

    assert all(lines[line].startswith(key) for key, line in spec.option_lines.items() if key != "id")
    assert [rule.expression in lines[rule.line] for rule in spec.ignores] == [True] * len(contract.ignores)
