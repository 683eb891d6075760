"""Plain data in, text out: names of types, places of lines, trees and hints.

Never raises for odd input: an error message must always come out. Knows no other part of the package
but the vocabulary.
"""

from kimera_di.rendering.hints import did_you_mean, listed
from kimera_di.rendering.names import dotted_name, safe_repr, short_name
from kimera_di.rendering.places import show_place
from kimera_di.rendering.trees import Row, render_facts, render_rows

__all__ = [
    "Row",
    "did_you_mean",
    "dotted_name",
    "listed",
    "render_facts",
    "render_rows",
    "safe_repr",
    "short_name",
    "show_place",
]
