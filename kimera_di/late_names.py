"""Names of a package that load when they are asked for first (PEP 562).

In: which module a name lives in. Out: the ``__getattr__`` of a package. Must not import any other part of the package.
"""

import sys
from collections.abc import Callable, Mapping, Sequence


def late_names(package: str, homes: Mapping[str, Sequence[str]]) -> Callable[[str], object]:
    """Make the ``__getattr__`` of a package whose names live in modules that are not loaded with it.

    Args:
        package: Its dotted name.
        homes: Public names by the dotted name of the module they live in.

    Returns:
        A function that loads the module of a name and keeps the name in the package: asked for again it costs what
        any attribute costs. It raises ``AttributeError`` for a name that lives nowhere.
    """
    home_of = {name: home for home, names in homes.items() for name in names}

    def load(name: str) -> object:
        home = home_of.get(name)
        if home is None:
            raise AttributeError(f"module {package!r} has no attribute {name!r}")
        # not `importlib.import_module`: the module `importlib` takes as long to load as one of ours
        found: object = getattr(__import__(home, fromlist=(name,)), name)
        setattr(sys.modules[package], name, found)
        return found

    return load
