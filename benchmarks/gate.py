"""Say whether our container keeps its place: the rule behind ``--assert-quick``."""

from collections.abc import Sequence
from dataclasses import dataclass
from typing import Final

from benchmarks.runner import Cell, fastest_peer

AHEAD_OF_EACH: Final = ("W5", "W6", "W7")
NEAR_THE_FASTEST: Final = ("W1", "W2", "W3", "W4")
ALLOWED_BEHIND: Final = 1.20


@dataclass(frozen=True, slots=True)
class Miss:
    """A cell that does not hold, and by how much."""

    workload: str
    text: str


def find_misses(cells: Sequence[Cell], subject: str) -> list[Miss]:
    """Compare ``subject`` with the peers in the cells of one workload.

    Args:
        cells: All cells of one workload, from one run.
        subject: Name of the adapter that has to be ahead.

    Returns:
        One miss for each peer that is ahead on W5 to W7, one when more than 20 % behind the fastest on W1 to W4. A
        workload without a rule, or without a peer that can do it, has none.
    """
    workload = cells[0].workload
    if workload not in AHEAD_OF_EACH + NEAR_THE_FASTEST:
        return []
    mine = next((cell for cell in cells if cell.adapter == subject), None)
    if mine is None or mine.status != "ok":
        return [Miss(workload, f"{workload}: {subject} has no result")]
    if workload in AHEAD_OF_EACH:
        peers = [cell for cell in cells if cell.kind == "peer" and cell.status == "ok" and cell is not mine]
        return [Miss(workload, _text(mine, peer, 1.0)) for peer in peers if mine.ratio_to(peer) >= 1.0]
    fastest = fastest_peer([cell for cell in cells if cell is not mine])
    if fastest is None or mine.ratio_to(fastest) <= ALLOWED_BEHIND:
        return []
    return [Miss(workload, _text(mine, fastest, ALLOWED_BEHIND))]


def _text(mine: Cell, peer: Cell, allowed: float) -> str:
    rule = "must be below" if allowed == 1.0 else "may be at most"
    return (
        f"{mine.workload}: {mine.adapter} takes {mine.ratio_to(peer):.2f} times as long as {peer.adapter} "
        f"({mine.median_ns:.0f} ns to {peer.median_ns:.0f} ns), {rule} {allowed:.2f}"
    )
