"""Give the import graph of root packages, from the cache as far as nothing changed.

In: package folders. Out: a `ScannedTree`. Loads grimp only when files have to be read; says what to install
when it is missing.
"""

from collections.abc import Callable, Mapping, Sequence
from pathlib import Path

from kimera_di.architecture.model.module_graph import ScannedTree
from kimera_di.architecture.reading.snapshots import Snapshot, digest_sources
from kimera_di.architecture.reading.source_files import SourceFile
from kimera_di.architecture.reading.tools import tool_state
from kimera_di.architecture.reading.tree_cache import CachedTree, TreeCache
from kimera_di.errors import MissingExtraError


class TreeReader:
    """Reads source trees, each once: a reader is made for one check and sees the code as it was then.

    Args:
        cache_folder: Where to keep results for the next run; ``None`` reads every file.
        advance: Told in a few words what is done next, for a line of progress.
        read_only: Nothing is written into the cache, and nothing said about it.
    """

    def __init__(
        self,
        cache_folder: Path | None = None,
        *,
        advance: Callable[[str], None] | None = None,
        read_only: bool = False,
    ) -> None:
        self.cache_folder = cache_folder
        self.read_only = read_only
        self.advance: Callable[[str], None] = advance or _ignore
        self._warned = False
        self._known: dict[tuple[object, ...], ScannedTree] = {}
        self._snapshots: dict[tuple[Path, ...], Snapshot] = {}
        self._digests: dict[tuple[Path, ...], Mapping[str, str] | None] = {}
        self._texts: dict[str, bytes] = {}
        """What was read to be hashed, until it is scanned."""

    def snapshot(self, packages: Mapping[str, Sequence[Path]]) -> Snapshot:
        """List the source files of some packages, once per reader.

        Args:
            packages: From `find_packages`.

        Returns:
            The files as they were at the first call.
        """
        folders = tuple(folder for places in packages.values() for folder in places)
        if folders not in self._snapshots:
            self._snapshots[folders] = Snapshot.take(folders)
        return self._snapshots[folders]

    def digests(self, snapshot: Snapshot) -> Mapping[str, str] | None:
        """Hash every file of a snapshot, once per reader; ``None`` when one cannot be read.

        Args:
            snapshot: From `snapshot`.

        Returns:
            Hashes by path. To be asked for before the files are looked at, so that a change in between shows.
        """
        if snapshot.folders not in self._digests:
            self._digests[snapshot.folders] = digest_sources(snapshot.sources, self._texts)
        return self._digests[snapshot.folders]

    def read(
        self, packages: Mapping[str, Sequence[Path]], *, external: bool = False, dynamic: bool = False
    ) -> ScannedTree:
        """Read the imports of some packages.

        Args:
            packages: From `find_packages`.
            external: Also take imports of other distributions into the graph.
            dynamic: Also look for calls that import; only for contracts that ask for them.

        Returns:
            The same tree with and without a cache.

        Raises:
            MissingExtraError: grimp or import-linter is not installed.
        """
        key = (external, dynamic, *((name, *places) for name, places in sorted(packages.items())))
        if key not in self._known:
            self.advance(f"reading {', '.join(sorted(packages))}")
            self._known[key] = self._read(packages, external, dynamic)
        return self._known[key]

    def _read(self, packages: Mapping[str, Sequence[Path]], external: bool, dynamic: bool) -> ScannedTree:
        tools = tool_state()
        if tools is None:
            todo = 'install the extra: pip install "kimera-di[check]"'
            raise MissingExtraError("checking imports needs grimp and import-linter", facts=(("do this", todo),))
        snapshot = self.snapshot(packages)
        if self.cache_folder is None:
            return _scan(packages, snapshot.sources, external, dynamic, {})
        folders = (f"{name}={folder}" for name, places in sorted(packages.items()) for folder in places)
        cache = TreeCache(self.cache_folder, (*folders, f"external {external}", f"dynamic {dynamic}", *tools))
        known = cache.earlier(snapshot.sources)
        if known is None:
            digests = self.digests(snapshot)
            tree = _scan(packages, snapshot.sources, external, dynamic, self._texts)
            self._texts.clear()
        else:
            self._digests.setdefault(snapshot.folders, known.digests)
            if known.settled:
                return known.tree
            digests = known.digests
            tree = _scan_again(packages, snapshot.sources, external, dynamic, known) if known.changed else known.tree
        # A file that changed while it was read may have been hashed and scanned in different versions.
        if digests is not None and snapshot.still_holds(None if known is None else known.changed):
            self.keep(lambda: cache.save(snapshot.taken_ns, digests, snapshot.sources, tree))
        return tree

    def keep(self, save: Callable[[], None]) -> None:
        """Write a file of the cache; that it cannot be written is said once, and is no error.

        Args:
            save: Writes it, or raises an `OSError`.
        """
        if self.read_only:
            return
        try:
            save()
        except OSError as error:
            if not self._warned:
                import logging  # 5 ms, and nearly every cache can be written

                text = "the cache in %s cannot be written, every run reads all files: %s"
                logging.getLogger("kimera_di").warning(text, self.cache_folder, error)
            self._warned = True


def _scan(
    packages: Mapping[str, Sequence[Path]],
    sources: Sequence[SourceFile],
    external: bool,
    dynamic: bool,
    texts: Mapping[str, bytes],
) -> ScannedTree:
    from kimera_di.architecture.reading.dynamic_imports import add_dynamic_imports
    from kimera_di.architecture.reading.scanning import scan_tree  # grimp loads only when files have to be read

    tree = scan_tree(packages, sources, external=external, texts=texts)
    return add_dynamic_imports(tree) if dynamic else tree


def _scan_again(
    packages: Mapping[str, Sequence[Path]],
    sources: Sequence[SourceFile],
    external: bool,
    dynamic: bool,
    known: CachedTree,
) -> ScannedTree:
    """Read the files that changed, and take the rest from an earlier run."""
    from kimera_di.architecture.reading.dynamic_imports import add_dynamic_imports
    from kimera_di.architecture.reading.rereading import merged
    from kimera_di.architecture.reading.scanning import scan_tree

    part = scan_tree(packages, sources, external=external, only=known.changed)
    tree = merged(known.tree, part, known.changed)
    return add_dynamic_imports(tree, only=known.changed) if dynamic else tree


def _ignore(text: str) -> None:
    """Show nothing."""
