"""How much texts are at odds: one number per text, from the contradictions it is in."""

import math
from collections import defaultdict
from collections.abc import Sequence

from kimera.core.interfaces import Geoid
from kimera.engines.interfaces import IContradictionEngine, ITensionService, TensionReport


class TensionService(ITensionService):
    """Takes every score as the chance that a pair really contradicts itself, all of them independent.

    The tension of a text is the chance that at least one of its pairs does: it grows with every contradiction and
    never passes 1 ("noisy or": Pearl 1988, Probabilistic Reasoning in Intelligent Systems, section 4.3.2).
    """

    def __init__(self, engine: IContradictionEngine) -> None:
        self._engine = engine

    def report(self, geoids: Sequence[Geoid]) -> TensionReport:
        """Find the contradictions among texts and weigh them per text."""
        contradictions = self._engine.find(geoids)
        calm: defaultdict[str, float] = defaultdict(lambda: 1.0)
        for each in contradictions:
            calm[each.first.id] *= 1.0 - each.score
            calm[each.second.id] *= 1.0 - each.score
        tensions = {geoid_id: 1.0 - chance for geoid_id, chance in sorted(calm.items())}
        total = math.fsum(tensions.values()) / len(geoids) if geoids else 0.0
        return TensionReport(tuple(contradictions), tensions, total)
