"""``kimera check --format``, as a user starts it: every format, and where it goes."""

import json
import os
import subprocess
import sys
from pathlib import Path
from typing import Any
from xml.etree import ElementTree as ET

import jsonschema
import pytest

from tests.unit.architecture.trees import layers, write_contracts, write_package

pytestmark = pytest.mark.check

FORMATS = ["text", "json", "sarif", "junit", "github", "markdown"]
SARIF: dict[str, Any] = json.loads(
    (Path(__file__).parents[2] / "assets" / "sarif" / "sarif-schema-2.1.0.json").read_text("utf-8")
)
MODULES = {
    "shop.web": "",
    "shop.core": "import shop.util",
    "shop.util": "\nimport shop.web",
    "shop.db": "import shop.core",
}
CONTRACT = layers('layers = ["web", "core"]\ncontainers = ["shop"]')
BUILT_IN = {
    "layers": 'layers = ["web", "core"]\ncontainers = ["shop"]',
    "forbidden": 'source_modules = ["shop.core"]\nforbidden_modules = ["shop.web"]',
    "independence": 'modules = ["shop.core", "shop.web"]',
    "protected": 'protected_modules = ["shop.web"]\nallowed_importers = ["shop.core"]',
    "acyclic_siblings": 'ancestors = ["shop"]',
}


def kimera(
    folder: Path, *options: str, program: str = "kimera_di.cli", **environment: str
) -> subprocess.CompletedProcess[bytes]:
    command = [sys.executable, "-m", program, "check", "--config", "contracts.toml", *options]
    variables = {**os.environ, "CI": "", **environment}
    return subprocess.run(command, cwd=folder, capture_output=True, check=False, env=variables)


def project(root: Path, contracts: str = CONTRACT, **modules: str) -> Path:
    named = {name.replace("__", "."): text for name, text in modules.items()}
    write_package(root, {**MODULES, **named})
    write_contracts(root, contracts)
    return root


def files_of(folder: Path, *options: str, **environment: str) -> dict[str, str]:
    """Write every format into a file, give their texts."""
    wanted = [f"--format={name}:out/{name}" for name in FORMATS]
    kimera(folder, *wanted, *options, **environment)
    return {name: (folder / "out" / name).read_bytes().decode() for name in FORMATS}


@pytest.mark.parametrize("name", FORMATS)
def test_format_goes_to_stdout_with_the_usual_exit_code(tmp_path: Path, name: str) -> None:
    ran = kimera(project(tmp_path), "--format", name)

    assert (ran.returncode, ran.stderr) == (1, b"")
    assert b"shop/core.py" in ran.stdout


def test_all_formats_are_written_in_one_run(tmp_path: Path) -> None:
    written = files_of(project(tmp_path))

    jsonschema.Draft4Validator(SARIF).validate(json.loads(written["sarif"]))
    assert json.loads(written["json"])["summary"]["broken"] == 1
    assert ET.fromstring(written["junit"]).attrib["failures"] == "1"  # noqa: S314 - written by us
    assert written["github"].startswith("::error file=shop/core.py,line=1,title=Layers (KD411)::")
    assert "| Layers | **broken** | 1 | 0 | a test |" in written["markdown"]
    assert written["text"].startswith("BROKEN  Layers")


@pytest.mark.parametrize("kind", BUILT_IN)
def test_built_in_contract_is_as_rich_in_every_format(tmp_path: Path, kind: str) -> None:
    contract = f'[[contract]]\nname = "Theirs"\ntype = "{kind}"\n{BUILT_IN[kind]}\n'

    written = files_of(project(tmp_path, contract, shop__db="import shop.core, shop.web", shop__web="import shop.db"))

    findings = json.loads(written["json"])["findings"]
    links = [link for finding in findings for link in finding["chain"]]
    assert findings
    assert all(link["file"] and link["line"] for link in links)
    for link in links:
        place, text = f"{link['file']}:{link['line']}", f"{link['importer']} -> {link['imported']}"
        assert place in written["text"]
        assert text in written["text"]
        assert place in written["junit"]
        assert text in ET.fromstring(written["junit"]).findtext(".//failure", "")  # noqa: S314 - written by us
        assert f"`{place}`" in written["markdown"]
    results = json.loads(written["sarif"])["runs"][0]["results"]
    assert [len(result.get("codeFlows", [])) for result in results] == [len(each["chain"]) > 1 for each in findings]
    for finding in findings:
        assert f"::error file={finding['file']},line={finding['line']},title=Theirs (KD412)::" in written["github"]


def test_rule_in_sarif_has_the_page_about_its_code(tmp_path: Path) -> None:
    ran = kimera(project(tmp_path), "--format", "sarif")

    (rule,) = json.loads(ran.stdout)["runs"][0]["tool"]["driver"]["rules"]
    assert rule["shortDescription"]["text"].startswith("An import leads up the layers")
    assert rule["help"]["text"].startswith("An import leads up the layers")


def test_baseline_is_told_in_every_format(tmp_path: Path) -> None:
    project(tmp_path)
    entry = '{"contract": "layers", "kind": "runtime", "importer": "shop.core", "imported": "shop.util"}'
    stale = '{"contract": "layers", "kind": "runtime", "importer": "shop.x", "imported": "shop.y"}'
    (tmp_path / "known.json").write_text(f'{{"version": 1, "findings": [{entry}, {stale}]}}', encoding="utf-8")

    written = files_of(tmp_path, "--baseline", "known.json")

    states = [result["baselineState"] for result in json.loads(written["sarif"])["runs"][0]["results"]]
    assert sorted(states) == ["new", "unchanged"]
    assert "::notice file=shop/core.py,line=1,title=Layers (KD411%2C known)::" in written["github"]
    assert "::error file=known.json,line=1,title=Layers (KD420)::" in written["github"]
    assert "| Layers | kept | 0 | 1 | a test |" in written["markdown"]
    assert "0 new, 1 known, 1 stale" in written["markdown"]
    cases = list(ET.fromstring(written["junit"]).iter("testcase"))  # noqa: S314 - written by us
    assert [(case.attrib["name"], case.find("failure") is None) for case in cases] == [
        ("Layers", True),
        ("baseline", False),
    ]


@pytest.mark.parametrize("name", FORMATS)
def test_format_is_utf8_in_every_locale(tmp_path: Path, name: str) -> None:
    project(tmp_path, CONTRACT.replace("a test", "wegen der Größe \U0001f600").replace('"Layers"', '"Läden"'))

    ran = kimera(tmp_path, "--format", name, PYTHONIOENCODING="ascii", LC_ALL="C", PYTHONUTF8="0")

    assert ran.returncode == 1
    assert "Läden" in ran.stdout.decode("utf-8")


@pytest.mark.parametrize("name", FORMATS)
def test_lines_end_as_on_unix(tmp_path: Path, name: str) -> None:
    ran = kimera(project(tmp_path), "--format", f"{name}:out.txt")

    written = (tmp_path / "out.txt").read_bytes()
    assert ran.stdout == b""
    assert written.endswith(b"\n")
    assert b"\r" not in written


@pytest.mark.parametrize(
    ("options", "said"),
    [
        (("--format", "sarif", "--format", "junit"), "would be mixed on stdout"),
        (("--format", "sarif:x", "--format", "junit:./x"), "sarif and junit would both be written to x"),
        (("--format", "SARIF"), "use text, json, sarif, junit, github or markdown"),
        (("--format", "junit:"), "has a colon but no path"),
    ],
    ids=["two-on-stdout", "one-file", "unknown", "no-path"],
)
def test_formats_that_do_not_fit_are_wrong_usage(tmp_path: Path, options: tuple[str, ...], said: str) -> None:
    ran = kimera(project(tmp_path), *options)

    assert (ran.returncode, ran.stdout) == (2, b"")
    assert said in ran.stderr.decode()
    assert not (tmp_path / "x").exists()


def test_path_that_is_a_folder_exits_with_two_and_the_others_are_written(tmp_path: Path) -> None:
    ran = kimera(project(tmp_path), "--format", "sarif:shop", "--format", "junit:out.xml", "--format", "text")

    assert ran.returncode == 2
    assert "cannot write the report to shop: Is a directory" in ran.stderr.decode()
    assert (tmp_path / "out.xml").exists()
    assert ran.stdout.startswith(b"BROKEN  Layers")


def test_every_path_that_cannot_be_written_is_named(tmp_path: Path) -> None:
    ran = kimera(project(tmp_path), "--format", "sarif:shop", "--format", "json:contracts.toml/x")

    said = ran.stderr.decode()
    assert ran.returncode == 2
    assert "report to shop:" in said
    assert "report to contracts.toml/x:" in said


def shell(folder: Path, line: str, unbuffered: str = "") -> subprocess.CompletedProcess[bytes]:
    program = f"{sys.executable} -m kimera_di.cli check --config"
    return subprocess.run(
        ["bash", "-o", "pipefail", "-c", line.replace("KIMERA", program)],
        cwd=folder,
        capture_output=True,
        check=False,
        env={**os.environ, "PYTHONUNBUFFERED": unbuffered},
    )


def large_project(root: Path) -> Path:
    """Give a project whose report is more than a pipe holds."""
    modules = {f"shop__core__m{number}": "import shop.web" for number in range(500)}
    return project(root, CONTRACT, shop__core="", **modules)


@pytest.mark.parametrize("unbuffered", ["", "1"], ids=["buffered", "unbuffered"])
def test_reader_that_goes_away_ends_nothing_else(tmp_path: Path, unbuffered: str) -> None:
    large_project(tmp_path)

    ran = shell(tmp_path, "KIMERA contracts.toml --format json --format sarif:out.sarif | head -c 10", unbuffered)

    assert (ran.returncode, ran.stdout, ran.stderr) == (1, b'{\n  "schem', b"")
    assert len(json.loads((tmp_path / "out.sarif").read_bytes())["runs"][0]["results"]) == 500


@pytest.mark.parametrize("unbuffered", ["", "1"], ids=["buffered", "unbuffered"])
def test_report_of_which_only_a_part_could_be_written_exits_with_two(tmp_path: Path, unbuffered: str) -> None:
    ran = shell(
        large_project(tmp_path), "ulimit -f 64; KIMERA contracts.toml --no-cache --format json > out.json", unbuffered
    )

    assert ran.returncode == 2
    assert "cannot write the report to stdout: File too large" in ran.stderr.decode()


@pytest.mark.skipif(not Path("/dev/full").exists(), reason="needs the device that is always full")
def test_full_disk_behind_stdout_exits_with_two(tmp_path: Path) -> None:
    ran = shell(project(tmp_path), "KIMERA contracts.toml > /dev/full")

    assert ran.returncode == 2
    assert ran.stderr.decode() == (
        "KD406 cannot write the report to stdout: No space left on device\n\n"
        "  do this  write into a file: --format json:PATH\n"
        "  more     kimera help KD406\n"
    )


def test_closed_stdout_exits_with_two(tmp_path: Path) -> None:
    ran = shell(project(tmp_path), "KIMERA contracts.toml >&-")

    assert ran.returncode == 2
    assert ran.stderr.decode() == (
        "KD406 cannot write the report: stdout is closed\n\n"
        "  do this  write into a file: --format json:PATH\n"
        "  more     kimera help KD406\n"
    )


def test_closed_stderr_changes_neither_report_nor_exit_code(tmp_path: Path) -> None:
    """As below a daemon; the trouble is lost, and only the exit code can tell it."""
    open_ones = shell(project(tmp_path), "KIMERA contracts.toml")
    closed = shell(tmp_path, "KIMERA contracts.toml 2>&-")
    wrong = shell(tmp_path, "KIMERA none.toml 2>&-")

    assert (closed.returncode, closed.stdout) == (open_ones.returncode, open_ones.stdout)
    assert closed.stdout != b""
    assert (wrong.returncode, wrong.stderr) == (2, b"")


def test_folder_that_is_gone_is_said_with_exit_two(tmp_path: Path) -> None:
    ran = shell(project(tmp_path), "mkdir gone && cd gone && rmdir ../gone && KIMERA ../contracts.toml")

    assert ran.returncode == 2
    assert ran.stderr.decode() == (
        "kimera cannot tell where it is: the current folder: No such file or directory\n"
        "  do this  change to a folder that exists\n"
    )


def test_formats_that_github_shows_name_files_from_the_root_of_the_checkout(tmp_path: Path) -> None:
    """It finds no line for a path that is relative to the folder where the check ran."""
    folder = tmp_path / "services"
    folder.mkdir()

    texts = files_of(project(folder), GITHUB_WORKSPACE=str(tmp_path))

    assert "::error file=services/shop/core.py,line=1," in texts["github"]
    assert '"uri": "services/shop/core.py"' in texts["sarif"]
    assert '"file": "shop/core.py"' in texts["json"]
