"""Give the import graph of root packages, from the cache when nothing changed.

In: package folders. Out: a `ScannedTree`. Loads grimp only when files have to be read; says what to install
when it is missing.
"""

import logging
import sys
import time
from collections.abc import Callable, Mapping, Sequence
from pathlib import Path

from kimera_di.architecture.model.module_graph import ScannedTree
from kimera_di.architecture.reading.source_files import SourceFile, list_sources
from kimera_di.architecture.reading.tree_cache import TreeCache, digest_sources
from kimera_di.errors import MissingExtraError

_LOG = logging.getLogger("kimera_di")


class TreeReader:
    """Reads source trees, each once: a reader is made for one check and sees the code as it was then.

    Args:
        cache_folder: Where to keep results for the next run; ``None`` reads every file.
        advance: Told in a few words what is done next, for a line of progress.
    """

    def __init__(self, cache_folder: Path | None = None, *, advance: Callable[[str], None] | None = None) -> None:
        self.cache_folder = cache_folder
        self.advance: Callable[[str], None] = advance or _ignore
        self._warned = False
        self._known: dict[tuple[object, ...], ScannedTree] = {}

    def read(self, packages: Mapping[str, Sequence[Path]], *, external: bool = False) -> ScannedTree:
        """Read the imports of some packages.

        Args:
            packages: From `find_packages`.
            external: Also take imports of other distributions into the graph.

        Returns:
            The same tree with and without a cache.

        Raises:
            MissingExtraError: grimp is not installed.
        """
        key = (external, *((name, *places) for name, places in sorted(packages.items())))
        if key not in self._known:
            self.advance(f"reading {', '.join(sorted(packages))}")
            self._known[key] = self._read(packages, external)
        return self._known[key]

    def _read(self, packages: Mapping[str, Sequence[Path]], external: bool) -> ScannedTree:
        grimp = _version("grimp")
        taken = time.time_ns()
        sources = _listed(packages)
        if self.cache_folder is None:
            return _scan(packages, sources, external)
        folders = (f"{name}={folder}" for name, places in sorted(packages.items()) for folder in places)
        python = f"python {sys.version_info.major}.{sys.version_info.minor}"
        tools = (f"grimp {grimp}", f"kimera {_version('kimera-di', required=False)}", python)
        cache = TreeCache(self.cache_folder, (*folders, f"external {external}", *tools))
        known = cache.load(sources)
        if known is not None:
            if not known.settled:
                self._save(cache, taken, known.digests, sources, known.tree)
            return known.tree
        digests = digest_sources(sources)
        tree = _scan(packages, sources, external)
        # A file that changed while it was read may have been hashed and scanned in different versions.
        if digests is not None and _listed(packages) == sources:
            self._save(cache, taken, digests, sources, tree)
        return tree

    def _save(
        self,
        cache: TreeCache,
        taken: int,
        digests: Mapping[str, str],
        sources: Sequence[SourceFile],
        tree: ScannedTree,
    ) -> None:
        try:
            cache.save(taken, digests, sources, tree)
        except OSError as error:
            if not self._warned:
                _LOG.warning("the cache in %s cannot be written, every run reads all files: %s", cache.folder, error)
            self._warned = True


def _listed(packages: Mapping[str, Sequence[Path]]) -> tuple[SourceFile, ...]:
    return list_sources(folder for places in packages.values() for folder in places)


def _scan(packages: Mapping[str, Sequence[Path]], sources: Sequence[SourceFile], external: bool) -> ScannedTree:
    from kimera_di.architecture.reading.scanning import scan_tree  # grimp loads only when files have to be read

    return scan_tree(packages, sources, external=external)


def _ignore(text: str) -> None:
    """Show nothing."""


def _version(distribution: str, *, required: bool = True) -> str:
    from importlib.metadata import PackageNotFoundError, version

    try:
        return version(distribution)
    except PackageNotFoundError:
        if not required:
            return "unknown"  # a copied tree that is not installed
        todo = 'install the extra: pip install "kimera-di[check]"'
        raise MissingExtraError("checking imports needs grimp and import-linter", facts=(("do this", todo),)) from None
