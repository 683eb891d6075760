import pytest

from kimera_di.architecture.reports.globs import glob_matches


@pytest.mark.parametrize(
    ("glob", "path", "expected"),
    [
        ("shop/**", "shop/a/b.py", True),
        ("shop/*", "shop/a/b.py", False),
        ("shop/*.py", "shop/a.py", True),
        ("**/conftest.py", "conftest.py", True),
        ("**/conftest.py", "a/b/conftest.py", True),
        ("shop/?.py", "shop/ab.py", False),
        ("shop/[a].py", "shop/[a].py", True),
        ("shop", "shop/a.py", False),
    ],
)
def test_glob_matches_the_whole_path(glob: str, path: str, expected: bool) -> None:
    assert glob_matches(glob, path) is expected
