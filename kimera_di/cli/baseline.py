"""``kimera baseline``: write down the violations of today, so that only new ones fail the check.

In: contract files. Out: a baseline file, what is in it on stdout, an exit code. Never runs in continuous integration: a
build that writes its own excuses proves nothing.
"""

import os
from collections import Counter
from collections.abc import Mapping, Sequence
from pathlib import Path

import click

from kimera_di.architecture.configuration.contract_files import contract_files
from kimera_di.architecture.reports.baseline import BaselineEntry, baseline_entries
from kimera_di.architecture.reports.baseline_file import default_baseline, load_baseline, save_baseline
from kimera_di.architecture.reports.report import Report
from kimera_di.architecture.reports.text_report import render_trouble, render_unread
from kimera_di.cli.check import CheckRequest, check_files
from kimera_di.cli.options import (
    cache_dir_option,
    cache_folder,
    configs_option,
    finish,
    no_cache_option,
    root_option,
)
from kimera_di.cli.outputs import write, write_trouble
from kimera_di.cli.progress import progress
from kimera_di.errors import BaselineError, KimeraError
from kimera_di.rendering import show_place


@click.command()
@configs_option
@click.option(
    "--output", type=click.Path(path_type=Path, dir_okay=False), help="Default: NAME.baseline.json beside NAME.toml."
)
@cache_dir_option
@no_cache_option
@root_option
@click.pass_context
def baseline(
    context: click.Context,
    *,
    configs: tuple[Path, ...],
    output: Path | None,
    cache_dir: Path | None,
    no_cache: bool,
    roots: tuple[Path, ...],
) -> None:
    """Write the violations of today into a file for `kimera check --baseline FILE`.

    Exits with 0 when the file is written, 2 when CI is set, a contract or an option is wrong, 3 when not all code
    could be read.
    """
    cache = cache_folder(cache_dir, no_cache=no_cache)
    finish(context, lambda: run_baseline(configs, output, cache=cache, roots=roots))


def run_baseline(
    configs: Sequence[Path],
    output: Path | None,
    *,
    cache: Path | None = None,
    roots: Sequence[Path] = (),
    environment: Mapping[str, str] | None = None,
) -> int:
    """Check contract files and write what they find as known.

    Args:
        configs: Contract files; those of the current folder when empty.
        output: Where to write; beside the contract file when left out.
        cache: Folder for what is read of the code.
        roots: Folders that hold packages.
        environment: Environment variables; those of the process when left out.

    Returns:
        The exit code. Nothing is written when a contract could not be checked: its known violations would be lost.

    Raises:
        BaselineError: ``CI`` is set.
        KimeraError: No contract file, several without ``output``, or a file that cannot be written.
    """
    if (os.environ if environment is None else environment).get("CI"):
        todo = "write it on your machine and commit it; in CI run kimera check --baseline FILE"
        raise BaselineError("a baseline is not written where CI is set", str(output or "") or "CI", todo=todo)
    files = tuple(configs) or contract_files(Path.cwd())
    target = output or _only_default(files)
    with progress("reading contract files") as advance:
        report = check_files(CheckRequest(files, (), (), cache, roots), advance)
    if report.errors or any(result.kept is None for result in report.contracts):
        write_trouble(f"{render_trouble(report)}no baseline was written\n")
        return report.exit_code
    entries = baseline_entries(report)
    change = _change(target, entries)
    save_baseline(target, entries)
    write(f"wrote {show_place(str(target), None)}: {len(entries)} known{change}\n", None)
    return _unread(report)


def _only_default(configs: Sequence[Path]) -> Path:
    if len(configs) == 1:
        return default_baseline(configs[0])
    shared = (Path(show_place(str(configs[0]), None)).parent / "baseline.json").as_posix()
    todo = (
        f"kimera baseline --output {shared}, then kimera check --baseline {shared};\n"
        "or kimera baseline --config FILE for a baseline of one file alone"
    )
    facts = (("contract files", "\n".join(show_place(str(config), None) for config in configs)), ("do this", todo))
    raise KimeraError("there are several contract files, so the baseline of all of them needs a name", facts=facts)


def _change(target: Path, entries: Sequence[BaselineEntry]) -> str:
    """Say how the file changes: a baseline that grows has to be noticed."""
    if not target.exists():
        return ""
    try:
        before = Counter(entry.fingerprint for entry in load_baseline(target))
    except BaselineError as error:
        return f" (what was there before was no baseline: {error.summary})"
    now = Counter(entry.fingerprint for entry in entries)
    return f" ({(now - before).total()} more and {(before - now).total()} fewer than before)"


def _unread(report: Report) -> int:
    text = render_unread(report)
    if not text:
        return 0
    write_trouble(f"{text}\nthe analysis is incomplete: what is in these files is not in the baseline\n")
    return report.exit_code
