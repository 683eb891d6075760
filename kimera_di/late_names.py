"""Names of a package that load when they are asked for first (PEP 562).

In: which module a name lives in. Out: the ``__getattr__`` of a package. Must not import any other part of the package.

Python locks a module before the package that it is in. Two threads that load a package and one of its modules at once
would wait for each other, and Python would end one of them with an error. So packages come first here.
"""

import sys
from collections.abc import Callable, Mapping, Sequence

_HOUSE = __name__.partition(".")[0]
_STAGES = ("records", "rendering", "errors", "registration", "planning", "compilation")
"""Packages that load modules of their own, each after those it needs; the order in which every thread loads them."""


def late_names(package: str, homes: Mapping[str, Sequence[str]], stages: Mapping[str, str]) -> Callable[[str], object]:
    """Make the ``__getattr__`` of a package whose names live in modules that are not loaded with it.

    Args:
        package: Its dotted name.
        homes: Public names by the dotted name of the module they live in.
        stages: For each of these modules the last of the packages ``records``, ``rendering``, ``errors``,
            ``registration``, ``planning``, ``compilation`` that it loads. They are loaded before it, so that threads
            that ask for names at once never wait for each other in a circle.

    Returns:
        A function that loads the module of a name and keeps the name in the package: asked for again it costs what
        any attribute costs. It raises ``AttributeError`` for a name that lives nowhere.
    """
    home_of = {name: home for home, names in homes.items() for name in names}

    def load(name: str) -> object:
        home = home_of.get(name)
        if home is None:
            raise AttributeError(f"module {package!r} has no attribute {name!r}")
        for stage in _STAGES[: _STAGES.index(stages[home]) + 1]:
            __import__(f"{_HOUSE}.{stage}")
        # not `importlib.import_module`: the module `importlib` takes as long to load as one of ours
        found: object = getattr(__import__(home, fromlist=(name,)), name)
        setattr(sys.modules[package], name, found)
        return found

    return load
