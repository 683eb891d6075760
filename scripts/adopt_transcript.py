"""Write the transcript of docs/how-to/adopt-on-existing-code.md from a real run on Django.

In: the sources of Django in ``.real_input`` (``make real-input`` puts them there), and the page. Out: the page; each
block below a comment ``<!-- transcript: NAME -->`` is replaced by what the commands of its step print now, and what
the edits change. Works on a copy in a temporary folder. With ``--check`` nothing is written: exit 1 and a diff when the
page is out of date.
"""

from __future__ import annotations

import argparse
import difflib
import os
import re
import shutil
import subprocess
import sys
import tempfile
from collections.abc import Callable, Iterator
from dataclasses import dataclass
from pathlib import Path

ROOT = Path(__file__).resolve().parent.parent
PAGE = ROOT / "docs" / "how-to" / "adopt-on-existing-code.md"
SOURCES = ROOT / ".real_input" / "django"
BIN = Path(sys.executable).parent
CONTRACT = "contracts/django.toml"
CHECK = f"kimera check --config {CONTRACT}"
DRAW = f"kimera graph django --config {CONTRACT} --format html --output django.html"
FIXED = "django.utils.feedgenerator django.forms.utils"
CHECK_KNOWN = f"{CHECK} --baseline contracts/django.baseline.json"
BLOCK = re.compile(r"(<!-- transcript: (?P<name>[\w-]+) -->\n```text\n).*?(^```$)", re.DOTALL | re.MULTILINE)


@dataclass(frozen=True, slots=True)
class Step:
    """Edits, then commands; what both did is one block of the page."""

    name: str
    commands: tuple[str, ...] = ()
    edits: tuple[Callable[[Path], Path], ...] = ()
    """Each changes one file below the folder and gives its name."""
    head: int = 40
    """Lines of each command's output that are shown from its beginning,"""
    tail: int = 4
    """and from its end."""


def order_rows(folder: Path) -> Path:
    """Take the order that ``kimera init`` proposes in a comment."""
    file = folder / CONTRACT
    text = file.read_text(encoding="utf-8")
    rows = re.search(r'^(?:#     "\w+",\n)+', text, re.MULTILINE)
    if rows is None:
        raise SystemExit(f"kimera init proposed no order in {file}")
    ordered = re.sub(r"^# +", "    ", rows[0], flags=re.MULTILINE)
    file.write_text(re.sub(r'^    "apps : .*\n', ordered, text, count=1, flags=re.MULTILINE), encoding="utf-8")
    return Path(CONTRACT)


def give_the_reason(folder: Path) -> Path:
    """Say why, in place of what ``kimera init`` could not know."""
    file = folder / CONTRACT
    text = file.read_text(encoding="utf-8")
    why = 'why = "utils can be used, and tested, without forms, templates and the database"'
    file.write_text(re.sub(r'^why = "the order that .*"$', why, text, count=1, flags=re.MULTILINE), encoding="utf-8")
    return Path(CONTRACT)


def _function(text: str, name: str) -> str:
    found = re.search(rf"^def {name}\(.*?(?=^\w)", text, re.DOTALL | re.MULTILINE)
    if found is None:
        raise SystemExit(f"Django has no function {name} any more: choose another finding to fix")
    return found[0]


def _replace(folder: Path, name: str, *pairs: tuple[str, str]) -> Path:
    file = folder / name
    text = file.read_text(encoding="utf-8")
    for old, new in pairs:
        if old not in text:
            raise SystemExit(f"{name} has no {old!r} any more: choose another finding to fix")
        text = text.replace(old, new, 1)
    file.write_text(text, encoding="utf-8")
    return Path(name)


def take_flatatt_in(folder: Path) -> Path:
    """Give ``flatatt`` to the module with the functions it is made of."""
    function = _function((folder / "django/forms/utils.py").read_text(encoding="utf-8"), "flatatt")
    anchor = "@keep_lazy_text\ndef linebreaks("
    return _replace(folder, "django/utils/html.py", (anchor, f"{function}{anchor}"))


def take_flatatt_out(folder: Path) -> Path:
    """Leave the name where others import it from."""
    function = _function((folder / "django/forms/utils.py").read_text(encoding="utf-8"), "flatatt")
    old = "from django.utils.html import escape, format_html_join\n"
    new = "from django.utils.html import escape, flatatt, format_html_join  # flatatt: for those who import it here\n"
    return _replace(folder, "django/forms/utils.py", (old, new), (function, ""))


def import_flatatt_from_below(folder: Path) -> Path:
    """Import it where it belongs now."""
    old, new = "from django.forms.utils import flatatt\n", "from django.utils.html import flatatt\n"
    encoding = "from django.utils.encoding import iri_to_uri\n"
    return _replace(folder, "django/utils/feedgenerator.py", (f"{old}{encoding}", f"{encoding}{new}"))


def excuse_one(folder: Path) -> Path:
    """Take in the ignore that ``kimera init`` shows in a comment, for an import of our own choice."""
    file = folder / CONTRACT
    text = file.read_text(encoding="utf-8")
    ignore = """ignore = [
    { import = "django -> django.urls", reason = "setup() sets the script prefix, and has to name it" },
]
"""
    taken_in, count = re.subn(r"^# ignore = \[\n#     .*\n# \]\n", ignore, text, flags=re.MULTILINE)
    if count != 1:
        raise SystemExit(f"kimera init shows no ignore in {file}")
    file.write_text(taken_in, encoding="utf-8")
    return Path(CONTRACT)


def add_a_violation(folder: Path) -> Path:
    """Do what somebody will do one day."""
    line = "from django.utils.http import http_date"
    return _replace(folder, "django/utils/cache.py", (line, f"from django.shortcuts import redirect\n{line}"))


def take_the_violation_back(folder: Path) -> Path:
    """Undo it."""
    return _replace(folder, "django/utils/cache.py", ("from django.shortcuts import redirect\n", ""))


STEPS = (
    Step("init", ("kimera init django", CHECK, f"lint-imports --no-logo --no-cache --config {CONTRACT}"), tail=6),
    Step("numbers", ("kimera metrics django", "kimera cycles django"), head=9, tail=2),
    Step("order", (), (order_rows, give_the_reason)),
    Step("draw", (DRAW, "kimera graph django --depth 1 --output django.mmd", "head -n 6 django.mmd")),
    Step("found", (CHECK, "echo $?", f"kimera cut --config {CONTRACT}"), head=6, tail=3),
    Step("why", (f"kimera why {FIXED}", f"kimera advise {FIXED}")),
    Step("fix", (), (take_flatatt_in, take_flatatt_out, import_flatatt_from_below)),
    Step("fewer", (f"{CHECK} --format text:report.txt", "tail -n 1 report.txt")),
    Step(
        "ignore", (f"{CHECK} --format text:report.txt", "head -n 1 report.txt", "tail -n 5 report.txt"), (excuse_one,)
    ),
    Step("baseline", (f"kimera baseline --config {CONTRACT}", CHECK_KNOWN, "echo $?"), head=3, tail=2),
    Step("new", (CHECK_KNOWN, "echo $?"), (add_a_violation,), head=14, tail=3),
    Step("stale", ("rm django/contrib/admin/tests.py", CHECK_KNOWN, "echo $?"), (take_the_violation_back,)),
    Step("shrink", (f"kimera baseline --config {CONTRACT}", CHECK_KNOWN)),
)


def main() -> int:
    """Write the page, or compare it.

    Returns:
        The exit code.
    """
    parser = argparse.ArgumentParser(description="Write the transcript of the page about adopting kimera on Django.")
    parser.add_argument("--check", action="store_true", help="write nothing; exit 1 when the page is out of date")
    check: bool = parser.parse_args().check
    if not SOURCES.is_dir():
        print(f"there is no {SOURCES.relative_to(ROOT)}: run `make real-input` first", file=sys.stderr)
        return 2
    old = PAGE.read_text(encoding="utf-8")
    new = with_transcript(old, transcript())
    if not check:
        PAGE.write_text(new, encoding="utf-8")
        return 0
    sys.stdout.writelines(
        difflib.unified_diff(old.splitlines(keepends=True), new.splitlines(keepends=True), "page", "run")
    )
    return int(old != new)


def transcript() -> dict[str, str]:
    """Run every step on a copy of Django.

    Returns:
        The text of each block by the name of its step.
    """
    with tempfile.TemporaryDirectory() as name:
        folder = Path(name)
        shutil.copytree(SOURCES, folder / "django", ignore=shutil.ignore_patterns("__pycache__"))
        return {step.name: "".join(run_step(step, folder)) for step in STEPS}


def run_step(step: Step, folder: Path) -> Iterator[str]:
    """Give what a step did: its edits as diffs, its commands with their output."""
    files: dict[Path, list[str]] = {}
    for edit in step.edits:
        before = {path: path.read_text(encoding="utf-8") for path in _editable(folder)}
        changed = edit(folder)
        files.setdefault(changed, before[folder / changed].splitlines())
    for changed, lines in files.items():
        after = (folder / changed).read_text(encoding="utf-8").splitlines()
        diff = list(difflib.unified_diff(lines, after, str(changed), str(changed), lineterm="", n=1))
        yield "\n".join([f"--- {changed}", *(line for line in diff[2:] if not line.startswith("@@"))]) + "\n"
    code = 0
    for command in step.commands:
        yield f"$ {command}\n"
        if command == "echo $?":
            yield f"{code}\n"
            continue
        code, printed = run(command, folder)
        yield from shown(printed, step)


def _editable(folder: Path) -> list[Path]:
    return [folder / CONTRACT, *(folder / "django" / "utils").glob("*.py"), folder / "django" / "forms" / "utils.py"]


def run(command: str, folder: Path) -> tuple[int, str]:
    """Run a command as a reader would; both streams as a terminal mixes them."""
    path = os.pathsep.join([str(BIN), os.environ["PATH"]])
    kept = {name: value for name, value in os.environ.items() if name not in {"CI", "PYTHONPATH"}}
    done = subprocess.run(
        command.split(" "),
        cwd=folder,
        env=kept | {"PATH": path, "COLUMNS": "100", "PYTHONUTF8": "1", "PYTHONPATH": str(ROOT)},
        stdout=subprocess.PIPE,
        stderr=subprocess.STDOUT,
        text=True,
        encoding="utf-8",
        check=False,
    )
    return done.returncode, done.stdout


def shown(printed: str, step: Step) -> Iterator[str]:
    """Leave the middle of a long output out, and say how many lines there were."""
    lines = printed.strip("\n").splitlines(keepends=True) if printed.strip() else []
    left = len(lines) - step.head - step.tail
    if left > 1:
        lines = [*lines[: step.head], f"  ... {left} more lines ...\n", *lines[-step.tail :]]
    yield from (f"{line.rstrip()}\n" for line in lines)


def with_transcript(page: str, blocks: dict[str, str]) -> str:
    """Put blocks into a page.

    Args:
        page: Its text.
        blocks: Texts by name.

    Returns:
        The page with every named block replaced.
    """
    named = {match["name"] for match in BLOCK.finditer(page)}
    if named != blocks.keys():
        raise SystemExit(f"page and script have different blocks: {sorted(named ^ blocks.keys())}")
    return BLOCK.sub(lambda match: match[1] + blocks[match["name"]] + match[3], page)


if __name__ == "__main__":
    sys.exit(main())
