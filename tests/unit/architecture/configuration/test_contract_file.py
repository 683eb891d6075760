import datetime
from pathlib import Path

import pytest

from kimera_di.architecture.configuration.contract_file import contract_id, read_contract_file
from kimera_di.architecture.model.specs import ContractSpec, IgnoreRule, LayersOptions, WiringOptions
from kimera_di.errors import ContractError
from tests.unit.architecture.trees import layers, write_contracts


def one(path: Path) -> ContractSpec:
    (spec,) = read_contract_file(path).contracts
    return spec


def mistake(tmp_path: Path, contracts: str) -> ContractError:
    (found,) = one(write_contracts(tmp_path, contracts)).mistakes
    return found


def test_layers_contract_gives_its_options(tmp_path: Path) -> None:
    options = """
        layers = ["web", "engines | adapters", "(legacy)"]
        containers = ["shop"]
        closed = ["engines"]
        exhaustive = true
        exhaustive_ignores = ["main"]
        kinds = ["runtime", "lazy"]
        reach = "direct"
    """

    spec = one(write_contracts(tmp_path, layers(options)))

    assert spec.options == LayersOptions(
        layers=("web", "engines | adapters", "(legacy)"),
        containers=("shop",),
        closed=("engines",),
        exhaustive=True,
        exhaustive_ignores=("main",),
        kinds=("runtime", "lazy"),
        reach="direct",
    )


def test_contract_knows_the_line_it_begins_on(tmp_path: Path) -> None:
    assert one(write_contracts(tmp_path, layers('layers = ["a"]'))).line == 3


def test_ignore_gives_reason_date_issue_and_line(tmp_path: Path) -> None:
    text = """
        layers = ["a"]
        ignore = [
            { import = "a.b -> c.**", reason = "moving", until = "2027-03-31", issue = "#12" },
        ]
    """

    spec = one(write_contracts(tmp_path, layers(text)))

    assert spec.ignores == (IgnoreRule("a.b", "c.**", "moving", datetime.date(2027, 3, 31), "#12", 10),)


def test_contract_without_an_id_is_called_by_its_name() -> None:
    assert contract_id("Shop layers: 2") == "shop-layers--2"


def test_wiring_contract_takes_its_layers_from_another_one(tmp_path: Path) -> None:
    wiring = """
        [[contract]]
        name = "Wiring"
        type = "kimera_wiring"
        why = "w"
        services = "shop.main:services"
        layers_from = "layers"
    """
    text = layers('layers = ["web", "core"]\ncontainers = ["shop"]\nclosed = ["core"]')

    _, spec = read_contract_file(write_contracts(tmp_path, text + wiring.replace("        ", ""))).contracts

    assert spec.options == WiringOptions("shop.main:services", "layers", ("web", "core"), ("shop",), ("core",))


def test_single_root_package_is_read_too(tmp_path: Path) -> None:
    path = write_contracts(tmp_path, layers('layers = ["a"]'), session='root_package = "shop"')

    assert read_contract_file(path).root_packages == ("shop",)


def test_booleans_of_the_session_may_be_texts(tmp_path: Path) -> None:
    session = 'root_packages = ["shop"]\nexclude_type_checking_imports = "True"'

    assert read_contract_file(write_contracts(tmp_path, "", session=session)).exclude_type_checking_imports


WRONG_OPTIONS = {
    "missing layers": ("", "layers", "layers is missing", 3),
    "empty layers": ("layers = []", "layers", "layers is empty", 8),
    "row": ('layers = ["a | b : c"]', "layers", "mixes", 8),
    "layers of numbers": ("layers = [1]", "layers", "must hold texts only, not 1", 8),
    "twice": ('layers = ["a", "a"]', "layers", "listed more than once", 8),
    "nested": ('layers = ["a", "a.b"]', "layers", "lies inside", 8),
    "unknown option": ('layers = ["a"]\nexhaustiv = true', "exhaustiv", "did you mean  exhaustive", 9),
    "flag": ('layers = ["a"]\nexhaustive = 3', "exhaustive", "must be true or false, not 3", 9),
    "closed": ('layers = ["core"]\nclosed = ["cor"]', "closed", "did you mean  core", 9),
    "kinds": ('layers = ["a"]\nkinds = [\n  "runtime",\n  "defered",\n]', "kinds", "did you mean  deferred", 11),
    "no kinds": ('layers = ["a"]\nkinds = []', "kinds", "kinds is empty", 9),
    "reach": ('layers = ["a"]\nreach = "far"', "reach", "transitive or direct", 9),
    "container": ('layers = ["a"]\ncontainers = ["sh op"]', "containers", "is no dotted name", 9),
    "useless": ('layers = ["a"]\nexhaustive_ignores = ["x"]', "exhaustive_ignores", "has no effect", 9),
    "no reason": ('layers = ["a"]\nignore = [{ import = "a -> b" }]', "ignore[0].reason", "needs one", 9),
    "date": (
        'layers = ["a"]\nignore = [{ import = "a -> b", reason = "r", until = "2027-02-30" }]',
        "ignore[0].until",
        "is no date: '2027-02-30'",
        9,
    ),
    "arrow": ('layers = ["a"]\nignore = [{ import = "a, b", reason = "r" }]', "ignore[0].import", "a.b -> c.d", 9),
    "ignore number": ('layers = ["a"]\nignore = [1]', "ignore", "must hold tables", 9),
    "ignore text": ('layers = ["a"]\nignore = ["a -> b"]', "ignore[0].reason", "# reason", 9),
    "ignore option": (
        'layers = ["a"]\nignore = [{ import = "a -> b", reason = "r", untill = "x" }]',
        "ignore[0].untill",
        "did you mean  until",
        9,
    ),
}


@pytest.mark.parametrize(("options", "key", "text", "line"), WRONG_OPTIONS.values(), ids=WRONG_OPTIONS.keys())
def test_wrong_option_names_key_line_and_remedy(tmp_path: Path, options: str, key: str, text: str, line: int) -> None:
    found = mistake(tmp_path, layers(options))

    assert (found.key, found.line) == (key, line)
    assert text in str(found)
    assert "contracts.toml" in found.file


def test_missing_why_is_a_mistake(tmp_path: Path) -> None:
    found = mistake(tmp_path, '[[contract]]\nname = "L"\ntype = "kimera_layers"\nlayers = ["a"]')

    assert found.key == "why"


def test_unknown_type_is_guessed(tmp_path: Path) -> None:
    found = mistake(tmp_path, '[[contract]]\nname = "L"\ntype = "kimera_layer"')

    assert "did you mean  kimera_layers" in str(found)


def test_every_mistake_of_a_contract_is_reported(tmp_path: Path) -> None:
    spec = one(write_contracts(tmp_path, '[[contract]]\ntype = "kimera_layers"\nreach = 3\nlayerz = []'))

    assert {found.key for found in spec.mistakes} == {"name", "why", "layers", "reach", "layerz"}
    assert spec.options is None


def test_id_taken_twice_is_a_mistake_of_the_second_contract(tmp_path: Path) -> None:
    first, second = read_contract_file(write_contracts(tmp_path, layers('layers = ["a"]') * 2)).contracts

    assert not first.mistakes
    assert "is taken by line 3" in str(second.mistakes[0])


def test_wiring_contract_that_names_no_contract_is_a_mistake(tmp_path: Path) -> None:
    wiring = '[[contract]]\nname = "W"\ntype = "kimera_wiring"\nwhy = "w"\nservices = "a:b"\nlayers_from = "layer"'
    text = layers('layers = ["a"]') + wiring

    _, spec = read_contract_file(write_contracts(tmp_path, text)).contracts

    assert "did you mean  layers" in str(spec.mistakes[0])


@pytest.mark.parametrize("services", ["shop.main", "shop main:services", ":x", "a:"])
def test_services_that_are_not_module_and_name_are_a_mistake(tmp_path: Path, services: str) -> None:
    text = f'[[contract]]\nname = "W"\ntype = "kimera_wiring"\nwhy = "w"\nservices = "{services}"\nlayers = ["a"]'

    assert mistake(tmp_path, text).key == "services"


def test_composition_root_without_implementations_is_a_mistake(tmp_path: Path) -> None:
    text = '[[contract]]\nname = "R"\ntype = "kimera_composition_root"\nwhy = "w"\nroots = ["shop.main"]'

    assert mistake(tmp_path, text).key == "implementations"


def test_missing_root_packages_are_a_mistake_of_the_file(tmp_path: Path) -> None:
    (found,) = read_contract_file(write_contracts(tmp_path, layers('layers = ["a"]'), session="")).mistakes

    assert (found.key, found.line) == ("root_packages", 1)


def test_misspelt_session_option_is_guessed(tmp_path: Path) -> None:
    session = 'root_packages = ["shop"]\nexclude_type_checking_import = true'

    (found,) = read_contract_file(write_contracts(tmp_path, layers('layers = ["a"]'), session=session)).mistakes

    assert "did you mean  exclude_type_checking_imports" in str(found)


def test_foreign_session_option_is_left_alone(tmp_path: Path) -> None:
    session = 'root_packages = ["shop"]\nsomebody_elses = { x = 1 }'

    assert not read_contract_file(write_contracts(tmp_path, layers('layers = ["a"]'), session=session)).mistakes


def test_file_that_does_not_exist_is_an_error(tmp_path: Path) -> None:
    with pytest.raises(ContractError, match="there is no contract file"):
        read_contract_file(tmp_path / "none.toml")


def test_invalid_toml_names_the_line(tmp_path: Path) -> None:
    path = tmp_path / "c.toml"
    path.write_text("[tool.importlinter]\nroot_packages = [\n", encoding="utf-8")

    with pytest.raises(ContractError, match="no valid TOML") as caught:
        read_contract_file(path)

    assert caught.value.line == 3


@pytest.mark.parametrize(
    ("text", "summary"),
    [
        (f"x = {'[' * 5000}{']' * 5000}", "the contract file cannot be read: it is nested too deeply"),
        (f"x = {'9' * 5000}", "the contract file cannot be read: a number has too many digits"),
    ],
    ids=["deep", "digits"],
)
def test_toml_that_is_too_much_for_python_is_an_error(tmp_path: Path, text: str, summary: str) -> None:
    path = tmp_path / "c.toml"
    path.write_text(f'{text}\n[tool.importlinter]\nroot_package = "x"\n', encoding="utf-8")

    with pytest.raises(ContractError) as caught:
        read_contract_file(path)

    assert (caught.value.summary, caught.value.file) == (summary, str(path))


@pytest.mark.parametrize("name", ["c.toml", "setup.cfg"])
def test_byte_order_mark_is_an_error_that_names_it(tmp_path: Path, name: str) -> None:
    path = tmp_path / name
    path.write_text("[tool.importlinter]\n", encoding="utf-8-sig")

    with pytest.raises(ContractError, match="begins with a byte order mark") as caught:
        read_contract_file(path)

    assert caught.value.line == 1
    assert "save it as UTF-8 without one" in str(caught.value)


def test_file_without_the_table_is_an_error(tmp_path: Path) -> None:
    path = tmp_path / "pyproject.toml"
    path.write_text('[project]\nname = "x"\n', encoding="utf-8")

    with pytest.raises(ContractError, match="the file has no contracts"):
        read_contract_file(path)


def test_file_in_another_encoding_names_the_line(tmp_path: Path) -> None:
    path = tmp_path / "c.toml"
    path.write_bytes(b'[tool.importlinter]\n# \xe9\nroot_package = "x"\n')

    with pytest.raises(ContractError, match="is not UTF-8") as caught:
        read_contract_file(path)

    assert caught.value.line == 2
