"""Run a page of the documentation: its Python, its commands, its files.

In: a Markdown file and an empty folder. Out: nothing, or an assertion that names the line of the block. Blocks are
looked at in order, those of a page share names, and what a block means depends on its language and on an invisible
comment above it:

    <!-- file: shop/main.py -->             written into the folder, not run
    <!-- file from the start: shop/a.py --> the same, before the first block is run
    <!-- empty file: shop/__init__.py -->   made before the first block is run; has no block
    <!-- program: shop.py -->               the same, and run in a process of its own
    <!-- edit: shop/main.py -->             a block of diff: its lines without + are replaced by those without -
    <!-- removed: shop/a.py -->             a file of the folder is removed; the block (of sh) says how
    <!-- output -->                         what the Python before has printed; of a program also the errors it raised
    ```python                               run in this process
    ```console                              commands after ``$``, run in the folder; what follows is what they print
    ```sh                                   what a reader does once (install, make folders); not run
    ```toml                                 must be valid
    ```text                                 for reading

In expected output ``...`` stands for anything, and ``$ echo $?`` for the exit code of the command before.
"""

import io
import re
import shlex
import subprocess
import sys
import tomllib
from collections.abc import Iterable, Iterator
from contextlib import redirect_stdout
from pathlib import Path

from sybil import Document, Example, Region
from sybil.evaluators.python import PythonEvaluator
from sybil.parsers.markdown.lexers import FencedCodeBlockLexer

ROOT = Path(__file__).parents[2]
BIN = Path(sys.executable).parent
COMMENT = re.compile(
    r"<!-- (?P<what>file from the start|file|edit|removed|program|output)(?:: (?P<path>\S+))? -->\s*\Z"
)
EMPTY_FILE = re.compile(r"<!-- empty file: (\S+) -->")
ONCE = {"cd", "make", "mkdir", "pip", "rm"}
RUN_PROGRAM = """
import runpy, sys
def show(error):
    for each in getattr(error, "exceptions", (error,)):
        print(each if type(each).__module__ == "kimera_di.errors" else repr(each))
        print(*getattr(each, "__notes__", ()), sep="\\n")
try:
    runpy.run_path(sys.argv[1], run_name="__main__")
except Exception as error:
    show(error)
    sys.exit(1)
"""
COMMANDS = {"kimera", "lint-imports", "pytest", "python"}


def pages() -> list[Path]:
    """List every page that has to run."""
    return [ROOT / "README.md", *sorted((ROOT / "docs").rglob("*.md"))]


def run_page(path: Path, folder: Path) -> int:
    """Run every block of a page.

    Args:
        path: The page.
        folder: An empty folder for its files.

    Returns:
        The number of blocks that were run, written or compared.
    """
    runner = Runner(folder)
    document = Document.parse(str(path), runner)
    document.namespace["__name__"] = "page"
    for name in EMPTY_FILE.findall(document.text):
        file = folder / name
        file.parent.mkdir(parents=True, exist_ok=True)
        file.touch()
    for example in document.examples():
        if example.region.lexemes["what"] == "file from the start":
            runner.write(example)
    for example in document.examples():
        example.evaluate()
    assert not runner.failed, f"{path.name}: {runner.failed}"
    return runner.count


class Runner:
    """A Sybil parser for every block with a language, and what happens to each."""

    def __init__(self, folder: Path) -> None:
        self.folder = folder
        self.count = 0
        self.failed = ""
        """What a program said that raised, until the page has shown it."""
        self._blocks = FencedCodeBlockLexer(language=".*", mapping={"language": "language", "source": "source"})
        self._python = PythonEvaluator()
        self._printed = ""
        self._code = 0

    def __call__(self, document: Document) -> Iterator[Region]:
        for region in self._blocks(document):
            comment = COMMENT.search(document.text, 0, region.start)
            region.lexemes["what"] = comment["what"] if comment else ""
            region.lexemes["path"] = (comment["path"] or "") if comment else ""
            region.parsed = region.lexemes["source"]
            region.evaluator = self.evaluate
            yield region

    def evaluate(self, example: Example) -> str | None:
        what, language = example.region.lexemes["what"], example.region.lexemes["language"]
        if what == "file from the start":
            return None
        kinds = {"file": self.write, "edit": self.edit, "program": self.program, "output": self.output}
        if what in kinds:
            self.count += 1
            return kinds[what](example)
        if self.failed:
            return f"the program before raised, and the page does not show it:\n{self.failed}"
        if what == "removed":
            (self.folder / example.region.lexemes["path"]).unlink()
        blocks = {"python": self.python, "console": self.console, "sh": self.once, "toml": self.toml}
        if language in blocks:
            self.count += 1
            return blocks[language](example)
        return None if language in {"text", "mermaid"} else f"a block of the language {language!r} cannot be run"

    def write(self, example: Example) -> None:
        file = self.folder / example.region.lexemes["path"]
        file.parent.mkdir(parents=True, exist_ok=True)
        file.write_text(example.parsed, encoding="utf-8")

    def edit(self, example: Example) -> str | None:
        file, lines = self.folder / example.region.lexemes["path"], example.parsed.splitlines()
        old, new = ("".join(f"{line[1:]}\n" for line in lines if line[:1] != other) for other in "+-")
        text = file.read_text(encoding="utf-8")
        if text.count(old) != 1:
            return f"these lines must be in {file.name} once:\n{old}"
        file.write_text(text.replace(old, new), encoding="utf-8")
        return None

    def python(self, example: Example) -> None:
        printed = io.StringIO()
        with redirect_stdout(printed):
            self._python(example)
        self._printed = printed.getvalue()

    def program(self, example: Example) -> None:
        self.write(example)
        self._printed = self.run(["python", "-c", RUN_PROGRAM, example.region.lexemes["path"]])
        self.failed = self._printed if self._code else ""

    def output(self, example: Example) -> str | None:
        self.failed = ""
        return self.compare(example.parsed, self._printed)

    def console(self, example: Example) -> str | None:
        for command, expected in commands(example.parsed):
            actual = str(self._code) if command == "echo $?" else self.run(shlex.split(command))
            difference = self.compare(expected, actual)
            if difference:
                return f"$ {command}\n{difference}"
        return None

    def run(self, words: list[str]) -> str:
        assert words[0] in COMMANDS, f"{words[0]} is no command of a page"
        done = subprocess.run(
            [BIN / words[0], *words[1:]],
            cwd=self.folder,
            env={"PYTHONUTF8": "1", "PYTHONDONTWRITEBYTECODE": "1", "COLUMNS": "80"},
            stdout=subprocess.PIPE,
            stderr=subprocess.STDOUT,
            text=True,
            encoding="utf-8",
            check=False,
        )
        self._code = done.returncode
        return done.stdout

    def once(self, example: Example) -> str | None:
        wrong = [line for line in example.parsed.splitlines() if line.split(maxsplit=1)[0] not in ONCE]
        return f"not run by the tests, so it must not be in a block of sh: {wrong}" if wrong else None

    def toml(self, example: Example) -> None:
        tomllib.loads(example.parsed)

    def compare(self, expected: str, actual: str) -> str | None:
        pattern = re.escape(tidy(expected)).replace(r"\.\.\.", ".*")
        if re.fullmatch(pattern, tidy(actual), re.DOTALL):
            return None
        return f"--- on the page\n{tidy(expected)}\n--- printed\n{tidy(actual)}"


def commands(block: str) -> Iterator[tuple[str, str]]:
    """Split a console block into commands and what each prints."""
    parts = re.split(r"^\$ (.+)\n", block, flags=re.MULTILINE)
    assert not parts[0].strip(), "a console block begins with a command"
    yield from zip(parts[1::2], parts[2::2], strict=True)


def tidy(text: str) -> str:
    """Drop what nobody sees: spaces at the ends of lines, empty lines at both ends.

    Also the margin of an exception group, which Python 3.13 draws at every line of a message and 3.11 at its first.
    """
    return "\n".join(re.sub(r"^ +\|(?: |$)", "", line).rstrip() for line in text.splitlines()).strip("\n")


def links(page: Path) -> Iterable[str]:
    """Give the targets of the links of a page, without those in code."""
    text = re.sub(r"^( *)```.*?^\1```|`[^`\n]+`", "", page.read_text(encoding="utf-8"), flags=re.DOTALL | re.MULTILINE)
    return re.findall(r"\[[^\]]*\]\(([^)\s]+)\)", text)


def anchors(page: Path) -> set[str]:
    """Give what a link to a page may end with: its headings as GitHub writes them, and explicit anchors."""
    text = page.read_text(encoding="utf-8")
    titles = re.findall(r"^#+ +(.+)$", text, flags=re.MULTILINE)
    slugs = {re.sub(r"[^\w\- ]", "", title.lower()).strip().replace(" ", "-") for title in titles}
    return slugs | set(re.findall(r'<a id="([^"]+)">', text))
