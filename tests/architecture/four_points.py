"""An application with a contract of every type, and the four places where its contracts are asked.

In: a folder. Out: the verdict on each contract by its id, as ``lint-imports``, ``kimera check``, ``pytest --kimera``
and the start of the application give it. All four are programs of their own, as users run them.
"""

import json
import os
import subprocess
import sys
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import Any
from xml.etree.ElementTree import parse

from tests.unit.architecture.trees import write_package

Options = Mapping[str, str | bool | Sequence[str]]

SERVICES = "shop.main:services"
CONTRACTS: Mapping[str, Options] = {
    "layers": {"type": "kimera_layers", "layers": ["web | adapters", "core"], "containers": ["shop"]},
    "acyclic": {"type": "kimera_acyclic", "packages": ["shop"]},
    "wiring": {"type": "kimera_wiring", "services": SERVICES, "layers_from": "layers"},
    "roots": {
        "type": "kimera_composition_root",
        "roots": ["shop.main"],
        "implementations": ["shop.adapters"],
        "services": SERVICES,
    },
    "interfaces": {
        "type": "kimera_interfaces",
        "packages": ["shop.core"],
        "exposes": ["shop.core.orders", "shop.core.ports"],
    },
    "metrics": {"type": "kimera_metrics", "packages": ["shop"], "max_cycles": "0"},
    "built-in-layers": {"type": "layers", "layers": ["shop.web", "shop.core"]},
    "forbidden": {"type": "forbidden", "source_modules": ["shop.core"], "forbidden_modules": ["shop.web"]},
    "independence": {"type": "independence", "modules": ["shop.web", "shop.adapters"]},
    "protected": {
        "type": "protected",
        "protected_modules": ["shop.adapters"],
        "allowed_importers": ["shop.main"],
        "as_packages": True,
    },
    "siblings": {"type": "acyclic_siblings", "ancestors": ["shop"]},
}
"""Every contract type; the same ones are kept by one tree and broken by the other."""
TYPES = [
    "kimera_layers: kimera_di.contracts.LayersContract",
    "kimera_acyclic: kimera_di.contracts.AcyclicContract",
    "kimera_wiring: kimera_di.contracts.WiringContract",
    "kimera_composition_root: kimera_di.contracts.CompositionRootContract",
    "kimera_interfaces: kimera_di.contracts.InterfacesContract",
    "kimera_metrics: kimera_di.contracts.MetricsContract",
]

KEPT: Mapping[str, str] = {
    "shop.core.ports": """
        from typing import Protocol

        class Outbox(Protocol):
            def send(self, text: str) -> None: ...
        """,
    "shop.core._prices": "TEA = 3",
    "shop.core.orders": """
        from shop.core import _prices
        from shop.core.ports import Outbox

        class Orders:
            def __init__(self, outbox: Outbox) -> None:
                self.outbox = outbox
        """,
    "shop.adapters.mail": """
        class Mailer:
            def send(self, text: str) -> None: ...
        """,
    "shop.web.pages": "from shop.core.orders import Orders",
    "shop.main": """
        from kimera_di import ServiceCollection
        from shop.adapters.mail import Mailer
        from shop.core.orders import Orders
        from shop.core.ports import Outbox

        services = ServiceCollection()
        services.singleton(Outbox, Mailer)
        services.singleton(Orders)
        """,
}
_ORDERS_OPEN_A_PAGE = """
        from shop.core import _prices
        from shop.core.ports import Outbox

        class Orders:
            def __init__(self, outbox: Outbox) -> None:
                from shop.web import pages
        """
_PAGES_TAKE_WHAT_IS_THERE = """
        from shop.adapters.mail import Mailer
        from shop.core._prices import TEA
        """
_ORDERS_GET_A_MAILER = """
        from kimera_di import ServiceCollection
        from shop.adapters.mail import Mailer
        from shop.core.orders import Orders

        def make_orders(mailer: Mailer) -> Orders:
            return Orders(mailer)

        services = ServiceCollection()
        services.singleton(Mailer)
        services.singleton(Orders, make_orders)
        """
BREAKS: Mapping[str, tuple[Mapping[str, str], frozenset[str]]] = {
    "nothing": ({}, frozenset()),
    "upward-import": (
        # The page keeps its import of the orders, so that the way up closes a cycle.
        {"shop.core.orders": _ORDERS_OPEN_A_PAGE},
        frozenset({"layers", "acyclic", "metrics", "built-in-layers", "forbidden", "siblings"}),
    ),
    "foreign-imports": (
        {"shop.web.pages": _PAGES_TAKE_WHAT_IS_THERE},
        frozenset({"layers", "roots", "interfaces", "independence", "protected"}),
    ),
    "wired-upward": ({"shop.main": _ORDERS_GET_A_MAILER}, frozenset({"wiring"})),
    "everything": (
        {
            "shop.core.orders": _ORDERS_OPEN_A_PAGE,
            "shop.web.pages": f"{_PAGES_TAKE_WHAT_IS_THERE}from shop.core.orders import Orders\n",
            "shop.main": _ORDERS_GET_A_MAILER,
        },
        frozenset(CONTRACTS),
    ),
}
"""What is changed in the tree that keeps everything, and which contracts that breaks."""

START = """
import json, sys
from kimera_di import BuildErrors
from shop.main import services
try:
    services.build(architecture=sys.argv[1])
except BuildErrors as errors:
    print(json.dumps([[error.contract, error.fingerprint] for error in errors.exceptions]))
else:
    print("[]")
"""


@dataclass(frozen=True, slots=True)
class Answer:
    """What one point says; equal for two points that agree.

    ``refused`` is for a program that answered with an error instead of verdicts.
    """

    verdicts: Mapping[str, str]
    """``kept``, ``broken`` or ``unchecked`` by contract id."""
    fingerprints: frozenset[str] = frozenset()
    """Of the findings, where the point gives them."""
    refused: str = ""


def write_shop(folder: Path, form: str, modules: Mapping[str, str], contracts: Mapping[str, Options]) -> str:
    """Write the application and its contract file.

    Args:
        folder: Where.
        form: ``toml`` or ``ini``.
        modules: What replaces modules of the tree that keeps everything.
        contracts: Options by id.

    Returns:
        The name of the contract file.
    """
    write_package(folder, {**KEPT, **modules})
    name = f"rules.{form}"
    text = _toml(contracts) if form == "toml" else _ini(contracts)
    (folder / name).write_text(text, encoding="utf-8")
    return name


def ask_kimera_check(folder: Path, config: str) -> Answer:
    """Ask ``kimera check``."""
    done = _run(folder, "-m", "kimera_di.cli", "check", "--config", config, "--format", "json", "--no-cache")
    report: Any = json.loads(done.stdout)
    words = {True: "kept", False: "broken", None: "unchecked"}
    return Answer(
        {result["id"]: words[result["kept"]] for result in report["contracts"]},
        frozenset(finding["fingerprint"] for finding in report["findings"]),
    )


def ask_lint_imports(folder: Path, config: str) -> Answer:
    """Ask ``lint-imports``; it has no word for a contract that cannot be checked, and says broken."""
    program = "from importlinter.cli import lint_imports_command; lint_imports_command()"
    done = _run(folder, "-c", program, "--config", config, "--no-cache", "--no-logo")
    words = {"KEPT": "kept", "BROKEN": "broken"}
    lines = [line.split() for line in done.stdout.splitlines() if line.startswith("Contract ")]
    return Answer({line[1]: words[line[2]] for line in lines if len(line) == 3 and line[2] in words})


def ask_pytest(folder: Path, config: str, *options: str) -> Answer:
    """Ask ``pytest --kimera``."""
    plugins = ("-p", "no:hypothesispytest", "-p", "no:cacheprovider")
    _run(folder, "-m", "pytest", *plugins, "--kimera", "--kimera-config", config, "--junitxml", "items.xml", *options)
    verdicts: dict[str, str] = {}
    for case in parse(folder / "items.xml").getroot().iter("testcase"):  # noqa: S314 - pytest has just written it
        word = "broken" if case.find("failure") is not None else "kept"
        verdicts[case.attrib["name"]] = word if case.find("error") is None else "unchecked"
    assert verdicts.pop("sources") == "kept"
    return Answer(verdicts)


def ask_at_start(folder: Path, config: str, ids: Sequence[str] = tuple(CONTRACTS)) -> Answer:
    """Start the application; what it does not complain about counts as kept."""
    done = _run(folder, "-c", START, config)
    if done.returncode:
        return Answer({}, refused=done.stderr)
    problems: list[list[str]] = json.loads(done.stdout)
    broken = {contract for contract, _ in problems}
    return Answer(
        {identity: "broken" if identity in broken else "kept" for identity in ids},
        frozenset(fingerprint for _, fingerprint in problems),
    )


def _run(folder: Path, *words: str) -> subprocess.CompletedProcess[str]:
    settings = {**os.environ, "PYTHONUTF8": "1", "PYTHONDONTWRITEBYTECODE": "1", "COLUMNS": "200"}
    settings.pop("CI", None)
    return subprocess.run(
        [sys.executable, *words],
        cwd=folder,
        env=settings,
        capture_output=True,
        text=True,
        encoding="utf-8",
        check=False,
    )


def _full(identity: str, options: Options) -> dict[str, str | bool | Sequence[str]]:
    reason = {"why": "a test"} if str(options["type"]).startswith("kimera_") else {}
    return {"name": f"Contract {identity}", **reason, **options}


def _toml(contracts: Mapping[str, Options]) -> str:
    lines = ["[tool.importlinter]", 'root_packages = ["shop"]', f"contract_types = {json.dumps(TYPES)}"]
    for identity, options in contracts.items():
        lines += ["[[tool.importlinter.contracts]]", f'id = "{identity}"']
        for key, value in _full(identity, options).items():
            number = isinstance(value, str) and value.isdigit()
            lines.append(f"{key} = {value if number else json.dumps(value)}")
    return "\n".join(lines) + "\n"


def _ini(contracts: Mapping[str, Options]) -> str:
    lines = ["[importlinter]", "root_package = shop", "contract_types =", *(f"    {each}" for each in TYPES)]
    for identity, options in contracts.items():
        lines.append(f"[importlinter:contract:{identity}]")
        for key, value in _full(identity, options).items():
            if isinstance(value, bool | str):
                lines.append(f"{key} = {str(value).lower() if isinstance(value, bool) else value}")
            else:
                lines += [f"{key} =", *(f"    {each}" for each in value)]
    return "\n".join(lines) + "\n"
