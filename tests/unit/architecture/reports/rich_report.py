"""A report with everything a report can have, and names that every format has to escape.

In: nothing. Out: values. Nothing of it was found anywhere.
"""

import datetime
from dataclasses import replace

from kimera_di.architecture.model.findings import ContractResult, Finding, IgnoredImport, Link, Undecided, Unseen
from kimera_di.architecture.model.module_graph import UnresolvedImport
from kimera_di.architecture.reports.report import Report, sorted_findings

NASTY = "a|b `c` <i>&amp; @home, 100 %: \x1b[31mred\x1b[0m \x00nul\r\n::error::two ]]> __init__ \U0001f600"
CHAIN = (
    Link("shop.core.cart", "shop.util", "shop/core/cart.py", 3),
    Link("shop.util", "shop.web", "shop/util.py", 7),
)
UP = Finding(
    "KD411", "layers", "runtime", "shop.core.cart", "shop.util", "shop/core/cart.py", 3,
    "shop.core.cart (core) reaches, through shop.util, shop.web (web), a layer above core", CHAIN,
    advice="let core own an interface, and bind its implementation from web in the composition root",
)  # fmt: skip
DEFERRED = Finding(
    "KD411", "layers", "deferred", "shop.core.db", "shop.web", "shop/core/db.py", 1, "shop.core.db imports shop.web",
    (Link("shop.core.db", "shop.web", "shop/core/db.py", 1),), advice="let core own an interface",
)  # fmt: skip
KNOWN = replace(DEFERRED, kind="typing", importer="shop.core.old", file="shop/core/old.py", line=9, baseline="known")
UNCOVERED = Finding(
    "KD413", "layers", "coverage", "shop.new", None, "shop/new.py", 1, "shop.new is in no layer", advice=NASTY
)
UNUSED = Finding("KD416", "layers", "ignore", "a", "b", "contracts/shop.toml", 8, "the ignore a -> b matches nothing")
WIRED = Finding(
    "KD421", "wiring", "wires", "shop.core.Auditor", "shop.web.Mailer", "/home/me/lib/shop/core.py", 2, NASTY,
    (
        Link("shop.core.Auditor", "shop.core.Mailer", "/home/me/lib/shop/core.py", 2),
        Link("shop.core.Mailer", "shop.core.Mailer", "/home/me/other/main.py", 5),
    ),
)  # fmt: skip
CAPTIVE = Finding(
    "KD203", "wiring", "captive", "shop.Cache", "shop.Session", None, None, "Cache keeps a Session", CHAIN
)
METRIC = Finding("KD440", "metrics", "metric", "shop.core", None, None, None, "shop.core is imported by 30 modules")
SYNTAX = Finding("KD419", None, "syntax", "shop.bad", None, "shop/größe 1.py", 4, "shop.bad does not parse: import (")
STALE = Finding("KD420", "layers", "ignore", "a", "b", "known.json", 3, "the baseline knows a -> b, but it is gone")

IGNORED = IgnoredImport("a", "b", "a.py", 1, "being moved", datetime.date(2027, 3, 31), "#12")
LAYERS = ContractResult(
    "layers", "Layers of the shop", "kimera_layers", "contracts/shop.toml", 4, False, "the core is tested alone",
    None, 1, (UP, DEFERRED, KNOWN, UNCOVERED, UNUSED), (IGNORED,),
)  # fmt: skip
WIRING = ContractResult(
    "wiring", NASTY, "kimera_wiring", "contracts/shop.toml", 20, False, NASTY, None, 1, (WIRED, CAPTIVE), (),
    (Undecided("shop.Vault", "shop/main.py", 24),),
)  # fmt: skip
METRICS = ContractResult("metrics", "Size", "kimera_metrics", "contracts/shop.toml", 30, False, "w", None, 1, (METRIC,))
KEPT = ContractResult("acyclic", "No cycles", "kimera_acyclic", "contracts/shop.toml", 40, True, "w")
TWIN = replace(KEPT, id="acyclic-2", findings=(replace(KNOWN, contract="acyclic-2"),))
WRONG = ContractResult("x", "Wrong", "layers", "contracts/shop.toml", 50, None, None, f"no layer\n{NASTY}", 2)
RAISES = replace(WRONG, id="y", name="Raises", type="kimera_wiring", line=60, error="the root raises", exit_code=3)

RICH = Report(
    contracts=(LAYERS, WIRING, METRICS, KEPT, TWIN, WRONG, RAISES),
    findings=sorted_findings(
        [*LAYERS.findings, *WIRING.findings, METRIC, *TWIN.findings, SYNTAX, STALE],
    ),
    unseen=(Unseen("shop/größe 1.py", "does not parse"), Unseen("shop/loose/a.py", "its folder has no __init__.py")),
    errors=(f"contracts/other.toml is no TOML\n{NASTY}",),
    modules=frozenset({"shop", "shop.core"}),
    imports=frozenset({("shop", "shop.core")}),
    unresolved=(UnresolvedImport("shop.plugins", "shop/plugins.py", 6, NASTY),),
)
"""Exit code 2; every other one would show less."""
EMPTY = Report(contracts=(KEPT,), modules=frozenset({"shop"}))
"""Exit code 0."""


def only(result: ContractResult, *findings: Finding) -> Report:
    """Give a report about one contract with these findings."""
    found = replace(result, findings=findings)
    return Report(contracts=(found,), findings=sorted_findings(findings))
