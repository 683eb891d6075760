"""``make demo`` proves something only if it can fail."""

import shutil
import subprocess
import sys
from pathlib import Path

import pytest

pytestmark = pytest.mark.check

ROOT = Path(__file__).parents[2]


@pytest.fixture
def tree(tmp_path: Path) -> Path:
    ignored = shutil.ignore_patterns("__pycache__")
    scripts = ("scripts/demo.py", "scripts/demo_output.py", "scripts/demo_web.py")
    for name in (*scripts, "contracts/kimera_example.toml"):
        (tmp_path / name).parent.mkdir(exist_ok=True)
        shutil.copy(ROOT / name, tmp_path / name)
    shutil.copytree(ROOT / "examples" / "kimera", tmp_path / "examples" / "kimera", ignore=ignored)
    return tmp_path


def demo(tree: Path) -> subprocess.CompletedProcess[str]:
    return subprocess.run(
        [sys.executable, tree / "scripts" / "demo.py"],
        capture_output=True,
        text=True,
        encoding="utf-8",
        env={"TMPDIR": str(tree)},
        check=False,
    )


@pytest.mark.slow
def test_demo_of_the_application_as_it_is_succeeds(tree: Path) -> None:
    done = demo(tree)

    assert done.returncode == 0, done.stdout + done.stderr
    assert done.stderr == ""
    assert done.stdout.count("\n=== ") == 4
    assert "100 different geoids, 100 correlation ids, each on its own answer" in done.stdout
    assert "SIGTERM -> exit code 0" in done.stdout
    assert "every step was as expected" in done.stdout
    assert not list(tree.glob("kimera-demo-*"))


def test_demo_of_a_broken_contract_fails_and_says_what_was_expected(tree: Path) -> None:
    with (tree / "examples/kimera/core/words.py").open("a", encoding="utf-8") as file:
        file.write("\nfrom kimera.api.threads import in_thread\n")

    done = demo(tree)

    assert done.returncode == 1
    assert "DEMO FAILED: expected exit code 0 from lint-imports, not 1" in done.stdout
    assert not list(tree.glob("kimera-demo-*"))


@pytest.mark.slow
def test_demo_fails_when_the_service_does_not_stop_cleanly(tree: Path) -> None:
    """Uvicorn alone ends with the signal that stopped it, so that a supervisor sees a failure."""
    server = tree / "examples/kimera/server.py"
    text = server.read_text(encoding="utf-8")
    assert text.count("def capture_signals(") == 1
    server.write_text(text.replace("def capture_signals(", "def unused("), encoding="utf-8")

    done = demo(tree)

    assert done.returncode == 1
    assert "DEMO FAILED: expected exit code 0 after SIGTERM" in done.stdout
    assert not list(tree.glob("kimera-demo-*"))


def test_demo_fails_when_a_tool_does_not_see_the_violation(tree: Path) -> None:
    contract = tree / "contracts/kimera_example.toml"
    text = contract.read_text(encoding="utf-8")
    contract.write_text(text.replace("exhaustive = true", 'kinds = ["typing"]\nexhaustive = true'), encoding="utf-8")

    done = demo(tree)

    assert done.returncode == 1
    assert "DEMO FAILED: expected exit code 1 from lint-imports, not 0" in done.stdout
