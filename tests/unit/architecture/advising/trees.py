"""Ask for advice about tiny packages.

In: modules by name. Out: the advice about one import.
"""

from collections.abc import Collection, Mapping
from pathlib import Path

from kimera_di.architecture.advising.advice import Advice
from kimera_di.architecture.advising.adviser import Adviser
from kimera_di.architecture.advising.project import Project
from kimera_di.architecture.model.specs import ImportKind
from tests.unit.architecture.trees import read_tree, write_package

USER, USED = "shop.core.audit", "shop.infra.vault"
VAULT = """
LIMIT = 3


class VaultError(Exception):
    pass


class Vault:
    size: int = 0

    def __init__(self, name: str) -> None:
        self.name = name

    def keep(self, text: str, *, times: int = 1) -> bool:
        return True

    async def load(self, key: "str | None") -> list[str]:
        return []

    @property
    def full(self) -> bool:
        return False


def open_vault() -> Vault:
    return Vault("a")
"""
LOADING: tuple[ImportKind, ...] = ("runtime", "lazy")
RUNTIME: tuple[ImportKind, ...] = ("runtime", "lazy", "deferred")
ALL: tuple[ImportKind, ...] = ("runtime", "lazy", "deferred", "typing")


def advise(
    root: Path,
    audit: str,
    *,
    kinds: Collection[ImportKind] = LOADING,
    project: Project | None = None,
    others: Mapping[str, str] | None = None,
) -> Advice:
    """Give the advice about the import of ``shop.infra.vault`` in ``shop.core.audit``."""
    write_package(root, {USED: VAULT, USER: audit, **(others or {})})
    return Adviser(read_tree(root).graph, project).about((USER, USED), kinds)
