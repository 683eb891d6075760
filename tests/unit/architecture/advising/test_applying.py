"""Advice that is followed to the letter removes the import while modules load, and the program still runs."""

import subprocess
import sys
from itertools import product
from pathlib import Path

import pytest

from kimera_di.architecture.advising.advice import Advice
from kimera_di.architecture.advising.adviser import Adviser
from tests.unit.architecture.trees import read_tree, write_package

pytestmark = pytest.mark.check

VAULT = "import shop.audit\nclass Vault:\n    def keep(self): return shop.audit.WORD\n"
IMPORTS = ["from shop.vault import Vault", "import shop.vault", "from shop import vault as v"]
NAMES = dict(zip(IMPORTS, ["Vault", "shop.vault.Vault", "v.Vault"], strict=True))
USES = [
    "def main(given: {name} | None = None):\n    print(WORD)\n",
    "def main(given: '{name} | None' = None):\n    print(WORD)\n",
    "def main():\n    print({name}().keep())\n",
    "def main() -> None:\n    one: {name} = {name}()\n    print(one.keep())\n",
    "class A:\n    def go(self, other: {name}) -> None:\n        print({name}().keep())\ndef main():\n    A().go(1)\n",
]


def follow(text: str, statement: str, advice: Advice) -> str:
    """Do to a module what the advice says."""
    left = text.replace(f"{statement}\n", "", 1)
    guarded, _, inside = advice.code.partition("# in ")
    for block in inside.split("# in ") if inside else []:
        function, _, line = block.partition("\n")
        head = f"def {function.rpartition('.')[2]}("
        before, _, after = left.partition(head)
        signature, _, body = after.partition(":\n")
        indent = " " * (len(body) - len(body.lstrip(" ")))
        left = f"{before}{head}{signature}:\n{indent}{line.strip()}\n{body}"
    return f"{guarded}\n{left}"


@pytest.mark.parametrize(("number", "statement"), [*product(range(len(USES)), IMPORTS)])
def test_followed_advice_leaves_a_program_that_runs_without_the_edge(
    number: int, statement: str, tmp_path: Path
) -> None:
    audit = f"{statement}\nWORD = 'kept'\n" + USES[number].format(name=NAMES[statement])
    write_package(tmp_path, {"shop.vault": VAULT, "shop.audit": audit})
    advice = Adviser(read_tree(tmp_path).graph).about(("shop.audit", "shop.vault"), ("runtime", "lazy"))

    (tmp_path / "shop" / "audit.py").write_text(follow(audit, statement, advice), encoding="utf-8")

    command = [sys.executable, "-c", "import shop.audit; shop.audit.main()"]
    ran = subprocess.run(command, cwd=tmp_path, capture_output=True, text=True, check=False)
    left = read_tree(tmp_path).graph.imports["shop.audit"]["shop.vault"]
    assert advice.kind == ("typing" if number < 2 else "defer")
    assert (ran.returncode, ran.stdout) == (0, "kept\n"), ran.stderr
    assert {kind for _, kind in left} <= {"typing", "deferred"}
