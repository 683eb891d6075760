"""The JSON of ``cycles``, ``cut``, ``why``, ``metrics`` and ``graph`` has the documented form, whatever was found."""

import json
from pathlib import Path
from typing import Any

import jsonschema
import pytest

from tests.unit.architecture.trees import layers, write_contracts, write_package
from tests.unit.cli.command import kimera

pytestmark = pytest.mark.check

KINDS = ["runtime", "lazy", "deferred", "typing", "dynamic"]
LINK: dict[str, Any] = {
    "type": "object",
    "required": ["importer", "imported", "file", "line", "kind"],
    "properties": {
        "importer": {"type": "string"},
        "imported": {"type": "string"},
        "file": {"type": "string"},
        "line": {"type": "integer", "minimum": 1},
        "kind": {"enum": KINDS},
    },
}
LINKS: dict[str, Any] = {"type": "array", "items": LINK}
NAMES: dict[str, Any] = {"type": "array", "items": {"type": "string"}}
COUNT: dict[str, Any] = {"type": "integer", "minimum": 0}
UNSEEN: dict[str, Any] = {
    "type": "array",
    "items": {
        "type": "object",
        "required": ["file", "reason"],
        "properties": {"file": {"type": "string"}, "reason": {"type": "string"}},
    },
}
SHARE: dict[str, Any] = {"type": ["number", "null"], "minimum": 0, "maximum": 1}


def table(**columns: dict[str, Any]) -> dict[str, Any]:
    """Rows that have all these columns, and at least one row."""
    row = {"type": "object", "required": list(columns), "properties": columns}
    return {"type": "array", "items": row, "minItems": 1}


SHAPES: dict[str, dict[str, Any]] = {
    "cycles": {
        "components": {
            "type": "array",
            "items": {
                "type": "object",
                "required": ["modules", "shortest_cycle", "cut", "cut_at_least"],
                "properties": {"modules": NAMES, "shortest_cycle": LINKS, "cut": LINKS, "cut_at_least": COUNT},
            },
        },
        "unseen": UNSEEN,
    },
    "cut": {
        "imports": {"type": "array", "items": {**LINK, "required": [*LINK["required"], "contracts"]}},
        "minimum": {"type": "boolean"},
        "at_least": COUNT,
        "contracts": {"type": "array", "items": {"type": "object", "required": ["id", "name"]}},
        "unseen": UNSEEN,
    },
    "why": {
        "chains": {"type": "array", "items": {**LINKS, "minItems": 1}},
        "count": COUNT,
        "complete": {"type": "boolean"},
        "imports": LINKS,
        "unseen": UNSEEN,
    },
    "metrics": {
        "packages": table(
            package={"const": "shop"},
            modules=COUNT,
            imports=COUNT,
            cycles=COUNT,
            modules_in_cycles=COUNT,
            propagation_cost=SHARE,
        ),
        "modules": table(
            module={"type": "string"},
            afferent=COUNT,
            efferent=COUNT,
            instability=SHARE,
            abstractness=SHARE,
            distance=SHARE,
        ),
        "unseen": UNSEEN,
    },
    "graph": {
        "nodes": table(
            id={"type": "string"}, layer={"enum": ["web", "core", None]}, lane=COUNT, kind={"type": "string"}
        ),
        "edges": table(
            **LINK["properties"],
            violation={"type": "boolean"},
            lines={"type": "array", "items": {"type": "object", "required": ["file", "line", "kind"]}, "minItems": 1},
            findings={"type": "array", "items": {"type": "object", "required": ["contract", "message"]}},
        ),
        "lanes": table(label={"type": "string"}, contract={"type": ["string", "null"]}),
        "unseen": UNSEEN,
    },
}
WORDS = {
    "cycles": ("cycles", "shop"),
    "cut": ("cut", "--config", "contracts.toml"),
    "why": ("why", "shop.core", "shop.web"),
    "metrics": ("metrics", "shop"),
    "graph": ("graph", "shop", "--config", "contracts.toml"),
}
KEPT = {"shop.web": "import shop.core", "shop.core": ""}
BROKEN = {"shop.web": "import shop.core", "shop.core": "def f():\n    import shop.web"}
UNREAD = {**BROKEN, "shop.bad": "import ("}
CONTRACT = layers('layers = ["web", "core"]\ncontainers = ["shop"]')


def data_of(folder: Path, command: str, modules: dict[str, str]) -> dict[str, Any]:
    write_package(folder, modules)
    write_contracts(folder, CONTRACT)
    data: dict[str, Any] = json.loads(kimera(folder, *WORDS[command], "--format", "json").stdout)
    return data


@pytest.mark.parametrize("modules", [KEPT, BROKEN, UNREAD], ids=["kept", "broken", "incomplete"])
@pytest.mark.parametrize("command", SHAPES)
def test_json_has_the_documented_form(tmp_path: Path, command: str, modules: dict[str, str]) -> None:
    data = data_of(tmp_path, command, modules)

    shape = SHAPES[command]
    jsonschema.validate(data, {"type": "object", "required": list(shape), "properties": shape})
    assert [item["file"] for item in data["unseen"]] == (["shop/bad.py"] if modules is UNREAD else [])


@pytest.mark.parametrize(("command", "key"), [("cycles", "components"), ("cut", "imports"), ("why", "chains")])
def test_what_is_found_is_in_its_list(tmp_path: Path, command: str, key: str) -> None:
    """An empty list fits every form."""
    assert len(data_of(tmp_path, command, BROKEN)[key]) == 1
