"""Interrupts (Ctrl-C) at every moment at which Python delivers one: after a call, as a function starts, in a loop.

In: what to run, and the number of the moment. Out: the place that was interrupted, and what was raised.
"""

import dis
import sys
from collections.abc import Callable, Iterator
from types import CodeType, FrameType
from typing import Any

_DELIVERS = {"RESUME", "CALL", "CALL_KW", "CALL_FUNCTION_EX", "JUMP_BACKWARD"}
_STARTED = "the start of a function"
_names: dict[CodeType, dict[int, str]] = {}


class Interruption:
    """A trace function that interrupts the code of the library once.

    Args:
        number: Of the moment, counted from 0.
    """

    def __init__(self, number: int) -> None:
        self.place = ""
        """Where it came; "" when there are fewer moments."""
        self._left = number
        self._before: dict[FrameType, str] = {}
        self._tracer: Any = None

    def __call__(self, frame: FrameType, _event: str, _value: object) -> Any:
        """Follow the library's own functions, and nobody else's."""
        if frame.f_back is not None:
            self._before.pop(frame.f_back, None)  # what it called was no C function: nothing comes after that
        code = frame.f_code
        is_ours = "kimera_di/" in code.co_filename or code.co_filename.startswith("<kimera")
        if not is_ours or code.co_name == "__del__":  # what a finaliser raises reaches nobody
            return None
        frame.f_trace = self._step  # Python 3.13 looks for it when it is told to trace instructions
        frame.f_trace_opcodes, frame.f_trace_lines = True, False
        self._before[frame] = _STARTED
        return self._step

    def __enter__(self) -> None:
        """Begin to trace."""
        here = sys._getframe()  # pyright: ignore[reportPrivateUsage]
        here.f_trace_opcodes = True  # Python 3.12 looks for it when tracing begins
        self._tracer = sys.gettrace()  # the coverage of what runs afterwards
        sys.settrace(self)

    def __exit__(self, *_: object) -> None:
        """Let go of the frames it has seen."""
        sys.settrace(self._tracer)
        self._before.clear()

    def _step(self, frame: FrameType, event: str, _value: object) -> Any:
        if event != "opcode" or self.place:
            return self._step
        before, self._before[frame] = self._before.get(frame, ""), _name_of(frame)
        if self._before[frame] == "GET_AWAITABLE":  # the call made a coroutine: nothing comes after that
            return self._step
        if before == _STARTED or before in _DELIVERS:
            if self._left == 0:
                self.place = f"{frame.f_code.co_qualname}, line {frame.f_lineno}"
                raise KeyboardInterrupt
            self._left -= 1
        return self._step


def _name_of(frame: FrameType) -> str:
    names = _names.get(frame.f_code)
    if names is None:
        names = _names[frame.f_code] = {each.offset: each.opname for each in dis.get_instructions(frame.f_code)}
    return names[frame.f_lasti]


def interrupted(number: int, action: Callable[[], object]) -> tuple[str, BaseException | None]:
    """Run something, and interrupt it at one moment.

    Returns:
        Where, "" if there are fewer moments; and what it raised.
    """
    interruption = Interruption(number)
    with interruption:
        try:
            action()
        except BaseException as raised:  # noqa: BLE001 - the test looks at it
            return interruption.place, raised
    return interruption.place, None


def moments() -> Iterator[int]:
    """Give the numbers of moments; stop asking when there are no more."""
    yield from range(1000)
