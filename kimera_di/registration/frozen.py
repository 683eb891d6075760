"""Frozen records that are made quickly: ordinary registrations, their nodes and parameters.

In: a frozen record with slots. Out: a class with the same slots that refuses nothing. The ``__init__`` of the record
sets every field with ``object.__setattr__``, because the class refuses assignment; that takes six times as long as to
set them on an object of the open class and make it one of the frozen class in the end. Nobody else has it before.
The functions that do it are written out where there are thousands to make. See docs/decisions/0030.
"""

import sys
from typing import Any

HAS_GIL: bool = getattr(sys, "_is_gil_enabled", lambda: True)()
"""Without it the class of an object changes while every other thread stands still: dearer than what it saves."""


def open_class(cls: Any) -> Any:
    """Give a class whose objects can become objects of a frozen record.

    Args:
        cls: The record; all of its fields are its own.

    Returns:
        A class with the same slots, whose fields can be assigned.
    """
    return type(f"Open{cls.__name__}", (), {"__slots__": cls.__slots__})
