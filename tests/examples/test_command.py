import io
import subprocess
import sys
from pathlib import Path

import pytest

import kimera.main

pytestmark = pytest.mark.check

ROOT = Path(__file__).parents[2]


@pytest.fixture
def run(tmp_path: Path, capsys: pytest.CaptureFixture[str]) -> "Command":
    return Command(tmp_path / "vault", capsys)


class Command:
    """Runs the command in this process on one database."""

    def __init__(self, folder: Path, capsys: pytest.CaptureFixture[str]) -> None:
        self._folder, self._capsys = folder, capsys

    def __call__(self, *arguments: str | Path) -> tuple[int, str, str]:
        code = kimera.main.main(["--folder", str(self._folder), *map(str, arguments)])
        printed = self._capsys.readouterr()
        return code, printed.out, printed.err


def test_stored_files_are_reported_with_their_contradictions(run: Command, tmp_path: Path) -> None:
    (tmp_path / "a.txt").write_text("The shop is open.\nIce floats.\n", encoding="utf-8")
    (tmp_path / "b.txt").write_text("The shop is closed.\n", encoding="utf-8")

    stored = run("store", tmp_path / "a.txt", tmp_path / "b.txt")
    reported = run("contradictions")

    assert stored == (0, "texts stored: 3, known before: 0\n", "")
    assert reported == (
        0,
        "0.85  open / closed  = likeness 1.00 x strength 0.85\n"
        "        1  The shop is open.\n        3  The shop is closed.\n"
        "1 contradiction, tension 0.57\n",
        "",
    )


def test_empty_vault_has_no_contradictions(run: Command) -> None:
    assert run("contradictions") == (0, "0 contradictions, tension 0.00\n", "")


def test_missing_file_is_named_and_nothing_is_stored(run: Command, tmp_path: Path) -> None:
    (tmp_path / "a.txt").write_text("The shop is open.\n", encoding="utf-8")

    code, out, err = run("store", tmp_path / "a.txt", tmp_path / "none.txt")

    assert (code, out) == (2, "")
    assert "none.txt" in err
    assert run("contradictions") == (0, "0 contradictions, tension 0.00\n", "")


def test_file_that_is_no_database_is_refused(run: Command, tmp_path: Path) -> None:
    (tmp_path / "vault").mkdir()
    (tmp_path / "vault" / "kimera.sqlite3").write_text("this is no database at all", encoding="utf-8")

    code, _, err = run("contradictions")

    assert code == 2
    assert "not a database" in err


def test_wiring_tree_names_implementations_down_to_the_settings(run: Command) -> None:
    code, out, _ = run("explain", "IContradictionEngine")

    assert code == 0
    assert [line.split("   ")[0].strip("├─└│ ") for line in out.splitlines()] == [
        "IContradictionEngine <- ContradictionEngine",
        "embedding: IEmbeddingService <- HashingEmbedding",
        "settings: EmbeddingSettings = instance of EmbeddingSettings",
        "device: IGPUService <- make_device",
        "settings: EngineSettings = instance of EngineSettings",
    ]


def test_unknown_service_is_answered_with_the_known_ones(run: Command) -> None:
    code, out, err = run("explain", "IVault")

    assert (code, out) == (2, "")
    assert "'IVault'" in err
    assert "IVaultService" in err


def test_demo_leaves_no_database_behind(run: Command, tmp_path: Path) -> None:
    code, out, err = run("demo")

    assert (code, err) == (0, "")
    assert "texts stored: 30" in out
    assert "8 contradictions" in out
    assert list(tmp_path.iterdir()) == []


def test_standard_input_is_stored_when_no_file_is_named(tmp_path: Path) -> None:
    done = subprocess.run(
        [sys.executable, "-m", "kimera", "store"],
        input="Ice floats.\n",
        cwd=tmp_path,
        env={"PYTHONPATH": str(ROOT / "examples")},
        capture_output=True,
        text=True,
        check=False,
    )

    assert (done.returncode, done.stdout, done.stderr) == (0, "texts stored: 1, known before: 0\n", "")
    assert (tmp_path / "kimera-data" / "kimera.sqlite3").exists()


def test_input_that_is_no_text_is_refused(run: Command, tmp_path: Path) -> None:
    (tmp_path / "a.txt").write_bytes(io.BytesIO(b"\xff\xfe\xfa").getvalue())

    code, _, err = run("store", tmp_path / "a.txt")

    assert code == 2
    assert "decode" in err


@pytest.mark.parametrize("options", [[], ["--folder", "x"]], ids=["environment only", "option beside it"])
def test_settings_that_cannot_be_used_are_all_named(tmp_path: Path, options: list[str]) -> None:
    wrong = {
        "KIMERA_API__PORT": "many",
        "KIMERA_ENGINE__THRESHOLD": "2",
        "KIMERA_DATABASE__URL": "mysql://user:hunter2@host/name",
    }

    done = subprocess.run(
        [sys.executable, "-m", "kimera", *options, "contradictions"],
        cwd=tmp_path,
        env={"PYTHONPATH": str(ROOT / "examples"), **wrong},
        capture_output=True,
        text=True,
        check=False,
    )

    assert done.returncode in {1, 2}
    assert [name for name in ("port", "threshold", "url") if name not in done.stderr.lower()] == []
    assert "Traceback" not in done.stderr
    assert "hunter2" not in done.stderr
    assert list(tmp_path.iterdir()) == []


def test_driver_that_is_not_installed_is_named(tmp_path: Path) -> None:
    done = subprocess.run(
        [sys.executable, "-m", "kimera", "contradictions"],
        cwd=tmp_path,
        env={
            "PYTHONPATH": str(ROOT / "examples"),
            "KIMERA_DATABASE__URL": "postgresql+psycopg2cffi://user:hunter2@h/n",
        },
        capture_output=True,
        text=True,
        check=False,
    )

    assert done.returncode == 2
    assert "psycopg2cffi" in done.stderr
    assert "Traceback" not in done.stderr
    assert "hunter2" not in done.stderr
