"""``kimera_interfaces``: who may import the internals of a package."""

from pathlib import Path

import pytest

from kimera_di.architecture.checking import Architecture
from kimera_di.architecture.model.findings import ContractResult
from tests.unit.architecture.trees import check, pairs, write_package
from tests.unit.cli.command import kimera, lint_imports

pytestmark = pytest.mark.check

MODULES = {
    "shop.billing": "from shop.billing.ledger import Invoice",
    "shop.billing.api": "from .ledger import Invoice as Bill",
    "shop.billing.ledger": "class Invoice: ...\nclass Booking: ...",
    "shop.billing.rates": "import shop.billing.ledger",
    "shop.web.views": "\nfrom shop.billing.ledger import Booking",
    "shop.web.pages": "import shop.billing",
    "shop.admin": "import shop.billing.rates",
}
SESSION = 'root_packages = ["shop"]\ncontract_types = ["kimera_interfaces: kimera_di.contracts.InterfacesContract"]'


def interfaces(options: str = 'friends = ["shop.admin"]', packages: str = '["shop.billing"]') -> str:
    head = '[[contract]]\nid = "parts"\nname = "Parts"\ntype = "kimera_interfaces"\nwhy = "a test"\n'
    return f"{head}packages = {packages}\n{options}\n"


def ignore(importer: str, imported: str, more: str = "") -> str:
    return f'ignore = [{{ import = "{importer} -> {imported}", reason = "r"{more} }}]'


def result(root: Path, contract: str, modules: dict[str, str] = MODULES, **session: str) -> ContractResult:
    (found,) = check(root, modules, contract, **session).contracts
    return found


def importing(text: str) -> dict[str, str]:
    return {**MODULES, "shop.web.views": text}


def test_import_of_something_internal_is_a_finding_with_its_line(tmp_path: Path) -> None:
    found = result(tmp_path, interfaces())

    (finding,) = found.findings
    assert (found.kept, finding.code, finding.kind, finding.line) == (False, "KD433", "runtime", 2)
    assert (finding.importer, finding.imported) == ("shop.web.views", "shop.billing.ledger")
    assert finding.message == "shop.web.views imports shop.billing.ledger, which is internal to shop.billing"
    assert [(link.importer, link.imported, link.line) for link in finding.chain] == [
        ("shop.web.views", "shop.billing.ledger", 2)
    ]


def test_package_without_exposes_exposes_its_own_init_only(tmp_path: Path) -> None:
    modules = importing("import shop.billing\nimport shop.billing.api")

    assert pairs(result(tmp_path, interfaces(), modules).findings) == [("shop.web.views", "shop.billing.api")]


def test_exposed_module_may_be_imported(tmp_path: Path) -> None:
    options = 'exposes = ["shop.billing", "shop.billing.ledger"]\nfriends = ["shop.admin"]'

    assert result(tmp_path, interfaces(options)).kept is True


def test_init_is_internal_when_other_modules_are_exposed_and_it_is_not(tmp_path: Path) -> None:
    options = 'exposes = ["shop.billing.ledger"]\nfriends = ["shop.admin"]'

    assert pairs(result(tmp_path, interfaces(options)).findings) == [("shop.web.pages", "shop.billing")]


def test_children_of_an_exposed_package_are_internal(tmp_path: Path) -> None:
    modules = {**importing("import shop.billing.api.v1"), "shop.billing.api.v1": ""}
    options = 'exposes = ["shop.billing", "shop.billing.api"]\nfriends = ["shop.admin"]'

    assert pairs(result(tmp_path, interfaces(options), modules).findings) == [("shop.web.views", "shop.billing.api.v1")]


def test_wildcard_exposes_everything_that_it_matches(tmp_path: Path) -> None:
    modules = {**importing("import shop.billing.api.v1"), "shop.billing.api.v1": ""}
    options = 'exposes = ["shop.billing", "shop.billing.api.**"]\nfriends = ["shop.admin"]'

    assert result(tmp_path, interfaces(options), modules).kept is True


def test_package_of_which_nothing_is_exposed_by_name_exposes_itself(tmp_path: Path) -> None:
    modules = {"shop.a.x": "", "shop.b.x": "import shop.a\nimport shop.a.x", "shop.c": "import shop.b.x"}
    options = interfaces('exposes = ["shop.b.x"]', '["shop.a", "shop.b"]')

    assert pairs(result(tmp_path, options, modules).findings) == [("shop.b.x", "shop.a.x")]


def test_modules_of_the_package_may_import_each_other(tmp_path: Path) -> None:
    assert result(tmp_path, interfaces(), {**MODULES, "shop.web.views": ""}).kept is True


def test_module_around_the_package_is_outside_of_it(tmp_path: Path) -> None:
    modules = {**importing(""), "shop": "import shop.billing.rates"}

    assert pairs(result(tmp_path, interfaces(), modules).findings) == [("shop", "shop.billing.rates")]


def test_module_with_a_name_that_begins_like_the_package_is_outside_of_it(tmp_path: Path) -> None:
    modules = {**importing(""), "shop.billing_jobs": "import shop.billing.rates"}

    assert pairs(result(tmp_path, interfaces(), modules).findings) == [("shop.billing_jobs", "shop.billing.rates")]


def test_import_into_a_package_inside_of_another_one_is_one_finding(tmp_path: Path) -> None:
    modules = {"shop.a.b.c": "", "shop.d": "import shop.a.b.c", "shop.a.e": "import shop.a.b.c"}

    found = result(tmp_path, interfaces("", '["shop.a.b", "shop.a"]'), modules)

    assert pairs(found.findings) == [("shop.a.e", "shop.a.b.c"), ("shop.d", "shop.a.b.c")]
    assert [finding.message.rpartition(" ")[2] for finding in found.findings] == ["shop.a.b", "shop.a"]


def test_wildcard_stands_for_every_package_with_internals(tmp_path: Path) -> None:
    modules = {"shop.a.x": "", "shop.b.x": "import shop.a.x", "shop.c": "import shop.b.x"}

    found = result(tmp_path, interfaces("", '["shop.*"]'), modules)

    assert pairs(found.findings) == [("shop.b.x", "shop.a.x"), ("shop.c", "shop.b.x")]


class TestFriends:
    def test_friend_and_what_lies_below_it_may_import_internals(self, tmp_path: Path) -> None:
        assert result(tmp_path, interfaces('friends = ["shop.admin", "shop.web"]')).kept is True

    def test_wildcard_stands_for_every_friend_that_it_matches(self, tmp_path: Path) -> None:
        assert result(tmp_path, interfaces('friends = ["shop.admin", "shop.*.views"]')).kept is True

    def test_friend_that_imports_nothing_internal_is_a_finding(self, tmp_path: Path) -> None:
        options = 'friends = ["shop.admin", "shop.web.views", "shop.web.pages"]'

        (finding,) = result(tmp_path, interfaces(options)).findings

        assert (finding.code, finding.kind, finding.importer) == ("KD434", "ignore", "shop.web.pages")
        assert finding.message == "the friend shop.web.pages imports nothing internal"
        assert finding.line == 9

    def test_module_of_the_package_itself_is_a_friend_of_no_use(self, tmp_path: Path) -> None:
        options = 'friends = ["shop.admin", "shop.web", "shop.billing.rates"]'

        assert [each.importer for each in result(tmp_path, interfaces(options)).findings] == ["shop.billing.rates"]


class TestKinds:
    TYPING = "from typing import TYPE_CHECKING\nif TYPE_CHECKING:\n    import shop.billing.ledger"

    def test_import_for_type_checkers_counts(self, tmp_path: Path) -> None:
        (finding,) = result(tmp_path, interfaces(), importing(self.TYPING)).findings

        assert (finding.kind, finding.line) == ("typing", 3)

    def test_import_for_type_checkers_can_be_left_out(self, tmp_path: Path) -> None:
        options = 'friends = ["shop.admin"]\nkinds = ["runtime", "deferred"]'

        assert result(tmp_path, interfaces(options), importing(self.TYPING)).kept is True

    def test_session_that_excludes_imports_for_type_checkers_is_respected(self, tmp_path: Path) -> None:
        session = 'root_packages = ["shop"]\nexclude_type_checking_imports = true'

        assert result(tmp_path, interfaces(), importing(self.TYPING), session=session).kept is True

    def test_import_inside_of_a_function_counts(self, tmp_path: Path) -> None:
        (finding,) = result(tmp_path, interfaces(), importing("def f():\n    import shop.billing.ledger")).findings

        assert (finding.kind, finding.line) == ("deferred", 2)

    def test_import_of_both_kinds_is_one_finding_of_the_stronger(self, tmp_path: Path) -> None:
        modules = importing(f"{self.TYPING}\nimport shop.billing.ledger")

        (finding,) = result(tmp_path, interfaces(), modules).findings

        assert (finding.kind, finding.line) == ("runtime", 4)


class TestIgnores:
    def test_ignored_import_breaks_nothing(self, tmp_path: Path) -> None:
        options = f'friends = ["shop.admin"]\n{ignore("shop.web.*", "shop.billing.ledger")}'

        found = result(tmp_path, interfaces(options))

        assert found.kept is True
        assert [(each.importer, each.imported, each.line) for each in found.ignored] == [
            ("shop.web.views", "shop.billing.ledger", 2)
        ]

    @pytest.mark.parametrize(
        ("rule", "codes"),
        [
            (ignore("shop.web.views", "shop.billing.ledgr"), ["KD416", "KD433"]),
            (ignore("shop.web.pages", "shop.billing"), ["KD417", "KD433"]),
            (ignore("shop.admin", "shop.billing.rates"), ["KD417", "KD433"]),
            (ignore("shop.web.views", "shop.billing.ledger", ', until = "2001-01-01"'), ["KD418", "KD433"]),
        ],
        ids=["matches nothing", "breaks nothing", "friend", "expired"],
    )
    def test_ignore_of_no_use_is_a_finding(self, tmp_path: Path, rule: str, codes: list[str]) -> None:
        found = result(tmp_path, interfaces(f'friends = ["shop.admin"]\n{rule}'))

        assert sorted(finding.code for finding in found.findings) == codes


class TestAdvice:
    WAYS = "let shop.billing offer what is needed, or list the importer under friends or the module under exposes"

    def advice(self, root: Path, text: str, options: str = 'friends = ["shop.admin"]', **more: str) -> str:
        (finding,) = result(root, interfaces(options), {**importing(text), **more}).findings
        return finding.advice

    def test_name_that_nobody_offers_has_the_ways_out(self, tmp_path: Path) -> None:
        assert self.advice(tmp_path, "from shop.billing.ledger import Booking") == self.WAYS

    def test_name_that_the_package_offers_is_named_with_its_place(self, tmp_path: Path) -> None:
        advice = self.advice(tmp_path, "from shop.billing.ledger import Invoice")

        assert advice == "import Invoice from shop.billing"

    def test_name_that_is_offered_under_another_name_is_named_with_both(self, tmp_path: Path) -> None:
        options = 'exposes = ["shop.billing.api"]\nfriends = ["shop.admin", "shop.web.pages"]'

        advice = self.advice(tmp_path, "from ..billing.ledger import Invoice", options)

        assert advice == "import Invoice from shop.billing.api, where it is called Bill"

    def test_offer_of_one_name_of_two_leaves_the_ways_out(self, tmp_path: Path) -> None:
        advice = self.advice(tmp_path, "from shop.billing.ledger import Booking, Invoice")

        assert advice == f"import Invoice from shop.billing; for the rest {self.WAYS}"

    def test_module_that_is_imported_as_a_whole_beside_a_name_leaves_the_ways_out(self, tmp_path: Path) -> None:
        advice = self.advice(tmp_path, "import shop.billing.ledger\nfrom shop.billing.ledger import Invoice")

        assert advice == f"import Invoice from shop.billing; for the rest {self.WAYS}"

    def test_name_that_is_handed_on_in_two_steps_is_found(self, tmp_path: Path) -> None:
        more = {
            "shop.billing": "from shop.billing.core import Rate",
            "shop.billing.core": "from .deep import Rate",
            "shop.billing.core.deep": "class Rate: ...",
        }

        advice = self.advice(tmp_path, "from shop.billing.core.deep import Rate", **more)

        assert advice == "import Rate from shop.billing"

    def test_name_that_is_taken_in_the_middle_of_its_way_is_found(self, tmp_path: Path) -> None:
        more = {
            "shop.billing": "from shop.billing.core.deep import Rate",
            "shop.billing.core": "from .deep import Rate",
            "shop.billing.core.deep": "class Rate: ...",
        }

        assert self.advice(tmp_path, "from shop.billing.core import Rate", **more) == "import Rate from shop.billing"

    def test_star_offers_every_name(self, tmp_path: Path) -> None:
        more = {"shop.billing": "from .ledger import *"}

        assert self.advice(tmp_path, "from shop.billing.ledger import Booking", **more) == (
            "import Booking from shop.billing"
        )

    def test_package_that_exposes_much_names_three_modules(self, tmp_path: Path) -> None:
        names = [f"shop.billing.a{number}" for number in range(5)]
        options = f"exposes = {names}\nfriends = ['shop.admin', 'shop.web.pages']"

        advice = self.advice(tmp_path, "import shop.billing.ledger", options, **dict.fromkeys(names, ""))

        assert advice.startswith("let shop.billing.a0 or shop.billing.a1 or shop.billing.a2 (and 2 more) offer")

    def test_names_that_are_imported_in_a_circle_end(self, tmp_path: Path) -> None:
        more = {
            "shop.billing.ledger": "from .rates import Booking",
            "shop.billing.rates": "from .ledger import Booking",
        }

        assert self.advice(tmp_path, "from shop.billing.ledger import Booking", **more) == self.WAYS


class TestMistakes:
    def error(self, root: Path, contract: str) -> str:
        found = result(root, contract)
        assert (found.kept, found.exit_code) == (None, 2)
        return found.error or ""

    def test_every_name_that_matches_nothing_is_named_with_a_guess(self, tmp_path: Path) -> None:
        options = 'exposes = ["shop.billing.apis"]\nfriends = ["shop.amdin"]'

        error = self.error(tmp_path, interfaces(options))

        assert "exposes: 'shop.billing.apis' matches nothing; friends: 'shop.amdin' matches nothing" in error
        assert "did you mean  shop.billing.api, shop.admin" in error
        assert "contracts.toml:9, exposes" in error

    def test_package_that_does_not_exist_is_an_error(self, tmp_path: Path) -> None:
        error = self.error(tmp_path, interfaces("", '["shop.biling"]'))

        assert "packages: 'shop.biling' matches nothing" in error
        assert "did you mean  shop.billing" in error

    def test_exposed_module_outside_of_the_packages_is_an_error(self, tmp_path: Path) -> None:
        assert "exposes: 'shop.admin' is in none of the packages" in self.error(
            tmp_path, interfaces('exposes = ["shop.admin"]')
        )

    def test_module_has_no_internals(self, tmp_path: Path) -> None:
        assert "packages: 'shop.admin' has no internal modules, so nothing would be checked" in self.error(
            tmp_path, interfaces("", '["shop.admin"]')
        )

    def test_package_that_exposes_everything_has_no_internals(self, tmp_path: Path) -> None:
        assert "'shop.billing' has no internal modules" in self.error(
            tmp_path, interfaces('exposes = ["shop.billing", "shop.billing.**"]')
        )

    @pytest.mark.parametrize(
        ("options", "fault"),
        [
            ('exposed = ["shop.billing"]', "did you mean  exposes"),
            ("friends = [1]", "friends must hold texts only, not 1"),
            ('friends = ["shop..admin"]', "friends: 'shop..admin' is no dotted name"),
            ('exposes = ["shop.bill*"]', "has a wildcard that replaces a part of a name only"),
            ('kinds = ["runtme"]', "did you mean  runtime"),
        ],
        ids=["unknown option", "number", "no name", "half a wildcard", "kind"],
    )
    def test_wrong_option_is_named(self, tmp_path: Path, options: str, fault: str) -> None:
        assert fault in self.error(tmp_path, interfaces(options))

    def test_missing_packages_are_a_mistake(self, tmp_path: Path) -> None:
        contract = interfaces().replace('packages = ["shop.billing"]\n', "")

        assert "packages is missing" in self.error(tmp_path, contract)


def test_contract_in_an_ini_file_is_the_same(tmp_path: Path) -> None:
    write_package(tmp_path, MODULES)
    lines = [
        "[importlinter]",
        "root_package = shop",
        "[importlinter:contract:parts]",
        "name = Parts",
        "type = kimera_interfaces",
        "why = a test",
        "packages = shop.billing",
        "friends =",
        "    shop.admin",
        "    shop.web",
    ]
    (tmp_path / "contracts.ini").write_text("\n".join(lines), encoding="utf-8")

    (found,) = Architecture.load(tmp_path / "contracts.ini", root=tmp_path).check().contracts

    assert (found.error, found.kept) == (None, True)


class TestLintImports:
    def test_text_is_that_of_kimera_check(self, tmp_path: Path) -> None:
        check(tmp_path, MODULES, interfaces(), session=SESSION)

        theirs = lint_imports(tmp_path, "contracts.toml")
        ours = kimera(tmp_path, "check", "--config", "contracts.toml", "--no-cache")

        body = ours.stdout.partition("\n")[2].rpartition("1 of 1")[0]
        assert (theirs.returncode, ours.returncode) == (1, 1)
        assert "shop/web/views.py:2   shop.web.views -> shop.billing.ledger\n" in body
        assert body in theirs.stdout

    def test_kept_contract_passes(self, tmp_path: Path) -> None:
        check(tmp_path, MODULES, interfaces('friends = ["shop.admin", "shop.web"]'), session=SESSION)

        assert lint_imports(tmp_path, "contracts.toml").returncode == 0

    def test_name_that_matches_nothing_is_not_kept(self, tmp_path: Path) -> None:
        check(tmp_path, MODULES, interfaces('friends = ["shop.amdin"]'), session=SESSION)

        ran = lint_imports(tmp_path, "contracts.toml")

        assert ran.returncode == 1
        assert "friends: 'shop.amdin' matches nothing" in ran.stdout
