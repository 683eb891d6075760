"""Tracebacks of our errors without our frames: a failed test shows the line of the test that asked.

In: what pytest caught. Out: marks for pytest's own filter, ``__tracebackhide__``, in the modules whose frames are in
it; neither the exception nor its traceback is touched. Runs when a test has failed, never else. Imports pytest only.
"""

import sys
from collections.abc import Mapping

import pytest

_OWN_PACKAGE = __name__.partition(".")[0]
_RUNNERS = {"_pytest", "pluggy", "pytest"}
_COMPILED = "<kimera "
"""Starts the file name of every compiled builder, see ``compilation.assembler``."""


def hide_own_frames(caught: pytest.ExceptionInfo[BaseException]) -> None:
    """Have pytest leave our frames out of its reports of our errors, from now on.

    What users wrote stays, also between frames of ours.

    Args:
        caught: What a test failed with. O(frames).
    """
    if _is_shortened(caught):
        for entry in caught.traceback:
            names = entry.frame.f_globals
            if _is_own(names, entry.frame.code.raw.co_filename):
                names["__tracebackhide__"] = _is_shortened  # read by pytest in the globals of every frame


def _is_shortened(caught: pytest.ExceptionInfo[BaseException] | None) -> bool:
    """Tell whether an error is one of ours, but no bug of ours, and was asked for by a line that is not ours."""
    errors = sys.modules.get(f"{_OWN_PACKAGE}.errors")
    if caught is None or errors is None or not isinstance(caught.value, errors.KimeraError):
        return False
    if isinstance(caught.value, errors.InternalError):
        return False
    frames = [entry.frame for entry in caught.traceback]
    return any(
        not _is_own(each.f_globals, each.code.raw.co_filename) and _package(each.f_globals) not in _RUNNERS
        for each in frames
    )


def _is_own(names: Mapping[str, object], file: str) -> bool:
    """Tell whether a frame, by its global names and its file, runs a module of ours or a builder that we compiled."""
    return _package(names) == _OWN_PACKAGE or file.startswith(_COMPILED)


def _package(names: Mapping[str, object]) -> str:
    return str(names.get("__name__", "")).partition(".")[0]
