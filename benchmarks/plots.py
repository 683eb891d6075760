"""Draw the curves of docs/explanation/performance.md from the growth record.

    .venv-bench/bin/python -m benchmarks.plots

In: ``benchmarks/record/growth.json``. Out: SVG in docs/explanation/pictures, the same bytes for the same record and the
same matplotlib. Each picture carries the hash of the record in its description, so that a test without matplotlib can
say whether it was drawn from the record that is checked in.
"""

import hashlib
import json
import sys
from dataclasses import dataclass
from importlib import import_module
from pathlib import Path
from typing import Any, Final

ROOT: Final = Path(__file__).resolve().parent.parent
RECORD: Final = ROOT / "benchmarks" / "record" / "growth.json"
PICTURES: Final = ROOT / "docs" / "explanation" / "pictures"
SETTINGS: Final = {
    "svg.hashsalt": "kimera_di",  # else the ids of elements are random
    "svg.fonttype": "none",
    "font.size": 9,
    "axes.grid": True,
    "grid.alpha": 0.3,
    "axes.spines.top": False,
    "axes.spines.right": False,
    "legend.frameon": False,
}
COLOURS: Final = {
    "byhand": "#555555",
    "kimera": "#c1121f",
    "dishka": "#1d6fa3",
    "wireup": "#2a9d5c",
    "diwire": "#8f5bbd",
    "modern-di": "#d98b11",
    "dependency-injector": "#8a6d5a",
}
MARKERS: Final = {"byhand": "x", "kimera": "o"}


@dataclass(frozen=True, slots=True)
class Plot:
    """One picture of the curves.

    Attributes:
        name: Of the file, without its suffix.
        field: Of a point.
        title: Above the axes.
        unit: Beside the vertical one.
        per_service: Divide by the number of services.
        straight: Keep the vertical axis from being logarithmic, and begin it at zero.
    """

    name: str
    field: str
    title: str
    unit: str
    per_service: bool = False
    straight: bool = False


PLOTS: Final = (
    Plot("growth-build", "build_ms", "Register and build, for each service", "microseconds", per_service=True),
    Plot("growth-first", "first_us", "First look-up, after the build", "microseconds"),
    Plot("growth-warm", "warm_ns", "Look-up of a singleton that exists", "nanoseconds"),
    Plot("growth-memory", "bytes_resolved", "Memory for each service, resolved", "bytes", straight=True),
)


def digest(record: bytes) -> str:
    """Give what a picture of ``record`` carries in its description."""
    return f"drawn from the record with SHA-256 {hashlib.sha256(record).hexdigest()}"


def names() -> tuple[str, ...]:
    """Give the file names of all pictures."""
    return (*(f"{plot.name}.svg" for plot in PLOTS), "threads.svg")


def main() -> int:
    """Draw everything."""
    raw = RECORD.read_bytes()
    record: dict[str, Any] = json.loads(raw)
    matplotlib: Any = import_module("matplotlib")  # only the benchmarks' environment has it, and the types with it
    matplotlib.use("svg")
    matplotlib.rcParams.update(SETTINGS)
    pyplot: Any = import_module("matplotlib.pyplot")
    PICTURES.mkdir(exist_ok=True)
    for plot in PLOTS:
        _save(_draw(pyplot, plot, record["curves"]), f"{plot.name}.svg", digest(raw))
    _save(_draw_threads(pyplot, record["threads"]), "threads.svg", digest(raw))
    return 0


def _draw(pyplot: Any, plot: Plot, curves: list[dict[str, Any]]) -> Any:
    figure, axes = pyplot.subplots(figsize=(6.4, 3.6), layout="constrained")
    for curve in curves:
        found = [(point["services"], point[plot.field]) for point in curve["points"] if point[plot.field] is not None]
        if found:
            values = [value * 1e3 / count if plot.per_service else value for count, value in found]
            _line(axes, curve["adapter"], [count for count, _ in found], values)
    axes.set_xscale("log")
    if plot.straight:
        axes.set_ylim(bottom=0)
    else:
        axes.set_yscale("log")
    axes.set(title=plot.title, xlabel="services in the container", ylabel=plot.unit)
    figure.legend(loc="outside right upper")
    return figure


def _line(axes: Any, name: str, across: list[int], values: list[float], **options: Any) -> None:
    axes.plot(
        across,
        values,
        label=options.pop("label", name),
        color=COLOURS.get(name, "#000000"),
        marker=MARKERS.get(name, "."),
        linewidth=2.2 if name == "kimera" else 1.2,
        **options,
    )


def _draw_threads(pyplot: Any, cells: list[dict[str, Any]]) -> Any:
    """Draw the processor's time of an operation, to that of one thread; level when no thread disturbs another."""
    workloads = list(dict.fromkeys(cell["workload"] for cell in cells))
    figure, row = pyplot.subplots(1, len(workloads), figsize=(8.4, 3.0), sharey=True, layout="constrained")
    for axes, workload in zip(row, workloads, strict=True):
        lines: dict[tuple[str, bool], list[dict[str, Any]]] = {}
        for cell in cells:
            if cell["workload"] == workload:
                lines.setdefault((cell["adapter"], cell["gil"]), []).append(cell)
        for (name, gil), found in lines.items():
            values = [cell["cpu_ns"] / found[0]["cpu_ns"] for cell in found]
            label = f"{name}, {'GIL' if gil else 'no GIL'}"
            style = "--" if gil else "-"
            _line(axes, name, [cell["threads"] for cell in found], values, label=label, linestyle=style)
        axes.set(title=workload, xlabel="threads", xticks=[1, 2, 4, 8])
        axes.set_ylim(0, 2)
    row[0].set_ylabel("time of one operation,\nto one thread")
    handles, labels = row[0].get_legend_handles_labels()
    figure.legend(handles, labels, loc="outside lower center", ncols=4, handlelength=4)
    return figure


def _save(figure: Any, name: str, description: str) -> None:
    figure.savefig(PICTURES / name, metadata={"Date": None, "Description": description})


if __name__ == "__main__":
    sys.exit(main())
