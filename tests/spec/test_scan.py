import sys
from collections.abc import Callable, Iterator
from pathlib import Path
from typing import Any

import pytest

from kimera_di import FrozenCollectionError, Lifetime, RegistrationError, ServiceCollection, service
from tests.spec.helpers import fact

Write = Callable[[dict[str, str]], str]


@pytest.fixture
def write(tmp_path: Path) -> Iterator[Write]:
    """Write a package with a name of its own, importable until the test ends."""
    name = f"scanned_{tmp_path.name}"

    def write_files(files: dict[str, str]) -> str:
        for path, text in files.items():
            file = tmp_path / name / path
            file.parent.mkdir(parents=True, exist_ok=True)
            file.write_text(text.replace("PACKAGE", name), encoding="utf-8")
        return name

    sys.path.insert(0, str(tmp_path))
    yield write_files
    sys.path.remove(str(tmp_path))
    for each in [each for each in sys.modules if each.partition(".")[0] == name]:
        del sys.modules[each]


ENGINES = {
    "__init__.py": "class Engine: ...\n",
    "petrol.py": """
from kimera_di import Lifetime, service
from PACKAGE import Engine

@service(as_=Engine, lifetime=Lifetime.TRANSIENT, key="petrol")
class Petrol(Engine): ...
""",
    "electric.py": """
from kimera_di import service
from PACKAGE import Engine
from PACKAGE.petrol import Petrol

@service
class Motor: ...

@service(as_=Engine)
class Electric(Engine):
    def __init__(self, motor: Motor) -> None:
        self.motor = motor
""",
}


def test_marked_classes_are_registered_in_order_of_module_and_line(write: Write) -> None:
    package = write(ENGINES)

    services = ServiceCollection().scan(package)

    names = [each.name for each in services.scanned]
    assert names == ["Motor", "Electric", "Petrol"]
    assert [each.service.interface.__name__ for each in services.descriptors()] == ["Motor", "Engine", "Engine"]
    container = services.build()
    engine = sys.modules[package].Engine
    assert type(container.resolve(engine)).__name__ == "Electric"
    assert type(container.resolve(engine, key="petrol")).__name__ == "Petrol"


def test_registration_of_a_mark_has_its_line(write: Write) -> None:
    package = write(ENGINES)

    services = ServiceCollection().scan(package)

    petrol = services.descriptors()[-1]
    assert (Path(petrol.place.file).name, petrol.place.line) == ("petrol.py", 5)
    assert petrol.lifetime is Lifetime.TRANSIENT


def test_package_scanned_twice_counts_once(write: Write) -> None:
    package = write(ENGINES)

    services = ServiceCollection().scan(package).scan(f"{package}.petrol").scan(package)

    assert len(services.descriptors()) == 3
    assert len(services.scanned) == 3


def test_scan_in_two_included_collections_counts_once(write: Write) -> None:
    package = write(ENGINES)
    one, other = ServiceCollection().scan(package), ServiceCollection().scan(package)

    assert len(ServiceCollection().include(one).include(other).descriptors()) == 3


def test_mark_is_registered_where_it_is_defined_not_where_it_is_imported(write: Write) -> None:
    package = write(ENGINES)

    services = ServiceCollection().scan(f"{package}.electric")

    assert [each.name for each in services.scanned] == ["Motor", "Electric"]


def test_modules_outside_the_package_are_not_imported(write: Write) -> None:
    package = write({"a/__init__.py": "", "a/one.py": "", "b/__init__.py": "raise RuntimeError('imported')\n"})

    ServiceCollection().scan(f"{package}.a")

    assert f"{package}.a.one" in sys.modules
    assert f"{package}.b" not in sys.modules


def test_program_of_a_package_is_not_run(write: Write) -> None:
    package = write({"__init__.py": "", "__main__.py": "raise SystemExit('run')\n"})

    assert ServiceCollection().scan(package).scanned == ()


def test_folders_without_init_are_searched(write: Write) -> None:
    package = write({"deep/down/motor.py": "from kimera_di import service\n\n@service\nclass Motor: ...\n"})

    services = ServiceCollection().scan(package)

    assert [each.module for each in services.scanned] == [f"{package}.deep.down.motor"]


def test_every_module_that_fails_to_import_is_named(write: Write) -> None:
    files = {
        "__init__.py": "",
        "a.py": "import no_such_module_at_all\n",
        "b.py": "raise ValueError('no licence')\n",
        "c.py": "",
    }
    package = write(files)

    with pytest.raises(RegistrationError) as caught:
        ServiceCollection().scan(package)

    assert caught.value.summary == f"2 modules of {package} cannot be imported"
    assert "no_such_module_at_all" in fact(caught.value, f"{package}.a")
    assert "ValueError: no licence" in fact(caught.value, f"{package}.b")
    assert "b.py:1" in fact(caught.value, f"{package}.b")


def test_missing_package_is_refused_with_a_guess(write: Write) -> None:
    package = write(ENGINES)

    with pytest.raises(RegistrationError) as caught:
        ServiceCollection().scan(f"{package}.electrics")

    assert caught.value.summary == f"there is no package {package}.electrics"
    assert fact(caught.value, "did you mean") == f"{package}.electric"


def test_name_that_is_no_package_is_refused() -> None:
    package: Any = "./engines"

    with pytest.raises(RegistrationError, match=r"'\./engines' is no name of a package"):
        ServiceCollection().scan(package)


def test_marked_factory_is_registered_as_what_it_returns(write: Write) -> None:
    text = """
from collections.abc import Iterator
from kimera_di import service

class Engine: ...
class Pump: ...

@service
def make_engine() -> Engine:
    return Engine()

@service
def open_pump() -> Iterator[Pump]:
    yield Pump()
"""
    package = write({"__init__.py": text})

    services = ServiceCollection().scan(package)

    assert [each.service.__name__ for each in services.scanned] == ["Engine", "Pump"]
    module = sys.modules[package]
    with services.build() as container:
        assert isinstance(container.resolve(module.Pump), module.Pump)


def test_marked_factory_that_does_not_say_what_it_makes_is_refused(write: Write) -> None:
    package = write({"__init__.py": "from kimera_di import service\n\n@service\ndef make(): ...\n"})

    with pytest.raises(RegistrationError, match="make does not say what it makes"):
        ServiceCollection().scan(package)


def test_conditions_of_a_mark_hold(write: Write) -> None:
    text = """
from kimera_di import service

class Engine: ...

@service(as_=Engine, when=lambda c: c.platform == "no such platform")
class Never(Engine): ...

@service(as_=Engine, if_absent=True)
class Default(Engine): ...
"""
    package = write({"__init__.py": text})

    container = ServiceCollection().scan(package).build()

    assert type(container.resolve(sys.modules[package].Engine)).__name__ == "Default"


def test_subclass_does_not_inherit_a_mark(write: Write) -> None:
    text = "from kimera_di import service\n\n@service\nclass Base: ...\n\nclass Child(Base): ...\n"
    package = write({"__init__.py": text})

    assert [each.name for each in ServiceCollection().scan(package).scanned] == ["Base"]


def test_two_marks_are_two_registrations(write: Write) -> None:
    text = "from kimera_di import service\n\n@service\n@service(key='spare')\nclass Motor: ...\n"
    package = write({"__init__.py": text})

    container = ServiceCollection().scan(package).build()
    motor = sys.modules[package].Motor

    assert container.resolve(motor) is not container.resolve(motor, key="spare")


def test_scan_into_a_built_collection_is_refused(write: Write) -> None:
    package = write(ENGINES)
    services = ServiceCollection()
    services.build()

    with pytest.raises(FrozenCollectionError, match="cannot be included any more"):
        services.scan(package)


def test_mark_on_something_that_cannot_be_called_is_refused() -> None:
    marked: Any = 3

    with pytest.raises(RegistrationError, match="3 is neither a class nor a factory"):
        service(marked)


def test_mark_that_cannot_be_registered_registers_nothing(write: Write) -> None:
    text = """
from kimera_di import Lifetime, service

@service
class Motor: ...

@service(lifetime=Lifetime.TRANSIENT, eager=True)
class Pump: ...
"""
    package = write({"__init__.py": text})
    services = ServiceCollection()

    with pytest.raises(RegistrationError, match="Pump cannot be eager"):
        services.scan(package)

    assert services.descriptors() == services.scanned == ()
    with pytest.raises(RegistrationError, match="Pump cannot be eager"):
        services.scan(package)
