"""Plan to generated Python: one specialised function per service that somebody asks for.

In: the wiring graph. Out: functions of a scope. Generates text and compiles it; runs no user code. Why not
compiled providers: docs/decisions/0002.
"""

from kimera_di.compilation.arguments import argument_value, awaits_itself, default_of, gathered, must_pass_default
from kimera_di.compilation.assembler import FILE_PREFIX, FIRST_LINE, Builder, assemble, constant
from kimera_di.compilation.emitter import MOST_CONSTRUCTIONS, Emission, Emitter

__all__ = [
    "FILE_PREFIX",
    "FIRST_LINE",
    "MOST_CONSTRUCTIONS",
    "Builder",
    "Emission",
    "Emitter",
    "argument_value",
    "assemble",
    "awaits_itself",
    "constant",
    "default_of",
    "gathered",
    "must_pass_default",
]
