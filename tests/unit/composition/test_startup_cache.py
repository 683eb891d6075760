"""What a starting application reads of its own code: nothing that ``kimera check`` has read before."""

import compileall
import hashlib
import shutil
import subprocess
import sys
from pathlib import Path

import pytest
import typing_extensions

from tests.unit.composition.shop_tree import LAYERS, WIRED_UP, WIRING, write_shop

HOME = Path(__file__).parents[3]
START = """
import sys
sys.path[:0] = [{home!r}, "."]
from kimera_di.composition.startup import architecture_problems
from kimera_di.errors import KimeraError
from kimera_di.composition.loading import load_wiring
graph = load_wiring("shop.main:services", ["."]).graph
try:
    problems = architecture_problems(graph, "contracts.toml", imports={imports})
    print([(problem.kind, problem.importer, problem.imported) for problem in problems])
except KimeraError as error:
    print(error)
print(sorted({{"grimp", "importlinter", "networkx"}} & sys.modules.keys()))
"""
WIRES = f"[{('wires', *WIRED_UP)!r}]"
BOTH = f"[{('runtime', 'shop.core.up', 'shop.api.mail')!r}, {('wires', *WIRED_UP)!r}]"


@pytest.fixture
def shop(tmp_path: Path) -> Path:
    """An application with an import that goes up, and a wiring edge that does."""
    write_shop(tmp_path, LAYERS, WIRING, core__up="import shop.api.mail")
    return tmp_path


def start(shop: Path, *flags: str, imports: bool | None = None) -> list[str]:
    """Start it in a process of its own and give what it printed: the problems, and what it loaded."""
    program = START.format(home=str(HOME), imports=imports)
    command = [sys.executable, *flags, "-c", program]
    return subprocess.run(command, cwd=shop, capture_output=True, text=True, check=True).stdout.splitlines()


def kept(shop: Path) -> list[Path]:
    return sorted((shop / ".kimera_cache").glob("*/report.json"))


@pytest.mark.check
class TestCache:
    def test_application_makes_no_folder(self, shop: Path) -> None:
        assert start(shop) == [BOTH, "['grimp']"]
        assert not (shop / ".kimera_cache").exists()

    def test_what_the_first_start_kept_is_not_read_again(self, shop: Path) -> None:
        (shop / ".kimera_cache").mkdir()

        assert [start(shop) for _ in range(2)] == [[BOTH, "['grimp']"], [BOTH, "[]"]]

    def test_what_the_command_kept_is_used(self, shop: Path) -> None:
        command = [sys.executable, "-m", "kimera_di.cli", "check", "--config", "contracts.toml"]
        subprocess.run(command, cwd=shop, capture_output=True, check=False)
        for file in kept(shop):
            body = file.read_bytes().partition(b"\n")[2].replace(b'"shop.core.up"', b'"shop.core.forged"')
            file.write_bytes(hashlib.blake2b(body, digest_size=16).hexdigest().encode() + b"\n" + body)

        assert start(shop) == [BOTH.replace("core.up", "core.forged"), "[]"]

    def test_changed_code_is_read_again(self, shop: Path) -> None:
        (shop / ".kimera_cache").mkdir()
        before = start(shop)
        (shop / "shop" / "core" / "up.py").write_text("", encoding="utf-8")

        after = start(shop)

        assert (before, after) == ([BOTH, "['grimp']"], [WIRES, "['grimp']"])

    def test_damaged_cache_fails_nothing(self, shop: Path) -> None:
        (shop / ".kimera_cache").mkdir()
        start(shop)
        for file in (shop / ".kimera_cache").rglob("*.json"):
            file.write_bytes(file.read_bytes()[:-5])

        assert start(shop) == [BOTH, "['grimp']"]

    def test_workers_that_start_at_once_agree(self, shop: Path) -> None:
        (shop / ".kimera_cache").mkdir()
        command = [sys.executable, "-c", START.format(home=str(HOME), imports=True)]

        workers = [subprocess.Popen(command, cwd=shop, stdout=subprocess.PIPE, text=True) for _ in range(4)]
        said = [worker.communicate()[0].splitlines()[0] for worker in workers]

        assert said == [BOTH] * 4
        assert len([path for path in (shop / ".kimera_cache").glob("*/*") if path.is_file()]) == 2
        assert start(shop) == [BOTH, "[]"]


@pytest.mark.check
class TestImageWithoutSources:
    @pytest.fixture
    def image(self, shop: Path) -> Path:
        """Compiled files only, as in an image that is to be small."""
        compileall.compile_dir(shop / "shop", legacy=True, quiet=2)
        for file in (shop / "shop").rglob("*.py"):
            file.unlink()
        return shop

    def test_wiring_is_checked(self, image: Path) -> None:
        assert start(image) == [WIRES, "[]"]

    def test_imports_that_are_required_are_an_error(self, image: Path) -> None:
        said = "\n".join(start(image, imports=True))

        assert said.startswith("KD402 there is no package 'shop'")


class TestImageWithoutTheExtra:
    """``-S`` leaves site-packages out; what the core needs is copied beside the application."""

    @pytest.fixture
    def slim(self, shop: Path) -> Path:
        shutil.copy(typing_extensions.__file__, shop)
        return shop

    def test_wiring_is_checked(self, slim: Path) -> None:
        assert start(slim, "-I", "-S") == [WIRES, "[]"]

    def test_cache_of_another_machine_does_not_stand_in_for_the_extra(self, slim: Path) -> None:
        (slim / ".kimera_cache").mkdir()

        assert start(slim, "-I", "-S") == [WIRES, "[]"]
        assert list((slim / ".kimera_cache").iterdir()) == []

    def test_imports_that_are_required_are_an_error(self, slim: Path) -> None:
        said = "\n".join(start(slim, "-I", "-S", imports=True))

        assert 'pip install "kimera-di[check]"' in said
