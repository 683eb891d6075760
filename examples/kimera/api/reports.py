"""Results as text for a terminal."""

from collections.abc import Sequence

from kimera.engines.interfaces import Contradiction


def render_contradictions(found: Sequence[Contradiction]) -> str:
    """Write one block per contradiction: score, cue, both texts with their numbers in the vault."""
    blocks = [
        f"{each.score:.2f}  {each.cue}\n"
        f"      {each.first.id:>3}  {each.first.text}\n"
        f"      {each.second.id:>3}  {each.second.text}"
        for each in found
    ]
    count = f"{len(found)} contradiction{'' if len(found) == 1 else 's'}"
    return "\n".join([*blocks, count])
