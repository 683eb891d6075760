"""Results as text for a terminal."""

from kimera.engines.interfaces import TensionReport


def render_contradictions(report: TensionReport) -> str:
    """Write one block per contradiction: how the score came about, both texts with their numbers in the vault."""
    blocks = [
        f"{each.score:.2f}  {each.cue:<14} = {each.explanation}\n"
        f"      {each.first.number:>3}  {each.first.text}\n"
        f"      {each.second.number:>3}  {each.second.text}"
        for each in report.contradictions
    ]
    count = len(report.contradictions)
    total = f"{count} contradiction{'' if count == 1 else 's'}, tension {report.total:.2f}"
    return "\n".join([*blocks, total])
