"""Write results as text, JSON or Markdown.

In: ``Results`` of one or several containers. Out: text. Runs nothing.
"""

import json
import platform
from collections import Counter
from collections.abc import Iterator, Sequence
from dataclasses import asdict
from typing import Any

from kimera_di.testing.conformance.behaviours import BEHAVIOURS
from kimera_di.testing.conformance.model import Results

SIGNS: dict[str, str] = {
    "passed": "yes",
    "failed": "no",
    "hangs": "hangs",
    "crashed": "crashes",
    "n/a": "n/a",
    "waived": "waived",
}


def text_report(every: Sequence[Results]) -> str:
    """Write the counts, and every failure with its reason."""
    return "\n".join(line for results in every for line in _text(results))


def json_report(every: Sequence[Results]) -> str:
    """Write everything, with the interpreter and the titles: schema version 1."""
    record: dict[str, Any] = {
        "schema_version": 1,
        "python": platform.python_version(),
        "system": f"{platform.system()} {platform.machine()}",
        "behaviours": [
            {
                "id": each.id,
                "title": each.title,
                "source": each.source,
                "needs": sorted(feature.name for feature in each.needs),
            }
            for each in BEHAVIOURS
        ],
        "containers": [asdict(results) for results in every],
    }
    return json.dumps(record, indent=1)


def markdown_report(every: Sequence[Results]) -> str:
    """Write a table with a row per behaviour and a column per container."""
    titles = {behaviour.id: behaviour.title for behaviour in BEHAVIOURS}
    outcomes = [{result.id: result.outcome for result in results.results} for results in every]
    rows = [f"| | behaviour | {' | '.join(f'{each.name} {each.version}' for each in every)} |"]
    rows.append(f"|---|---|{'---|' * len(every)}")
    for identifier in outcomes[0] if outcomes else ():
        signs = " | ".join(SIGNS[column[identifier]] for column in outcomes)
        rows.append(f"| {identifier} | {titles[identifier]} | {signs} |")
    return "\n".join(rows)


def _text(results: Results) -> Iterator[str]:
    counts: Counter[str] = Counter(result.outcome for result in results.results)
    yield f"{results.name} {results.version}: {', '.join(f'{counts[each]} {each}' for each in SIGNS if counts[each])}"
    titles = {behaviour.id: behaviour.title for behaviour in BEHAVIOURS}
    for result in results.failures:
        yield f"  {result.id}  {titles[result.id]}"
        yield f"           {result.outcome}: {result.reason}"
