"""The sections of the page about errors, for ``kimera help CODE``: an error message names this command.

In: codes. Out: text. Reads the page that comes with the package, so that no network and no clone of the repository is
needed. Loads the standard library only: the page must be there for who has not installed an extra. See
docs/decisions/0018.
"""

import re
from collections.abc import Mapping, Sequence
from importlib.resources import files
from pathlib import Path

from kimera_di.errors import KimeraError
from kimera_di.rendering import did_you_mean

PAGE = "errors.md"
"""Beside this module in a wheel, which takes it from the documentation; there is one text only."""
_IN_THE_REPOSITORY = Path(__file__).parents[2] / "docs" / "reference" / PAGE
_HEADING = re.compile(r"^## (KD\d{3})$", re.MULTILINE)
_COMMENT = re.compile(r"^<!-- .* -->\n", re.MULTILINE)
_LINK = re.compile(r"\[([^\]]+)\]\([^)\s]+\)")


def help_text(codes: Sequence[str], page: str | None = None) -> str:
    """Give the sections about some codes, or the list of all codes.

    Args:
        codes: For instance ``KD201``; ``kd201`` and ``201`` are the same. None for the list.
        page: The page about errors as Markdown; the one that comes with the package when left out.

    Returns:
        The sections in the order that was asked for, as Markdown without links; or one line for each code.

    Raises:
        KimeraError: There is no such code, or the package was installed without the page.
    """
    sections = read_sections(error_sections() if page is None else page)
    if not codes:
        return "".join(f"{code}  {_summary(text)}\n" for code, text in sorted(sections.items()))
    return "\n".join(f"{code}\n\n{sections[code]}" for code in (_known(code, sections) for code in codes))


def error_sections() -> str:
    """Read the page about errors.

    Returns:
        The one in the package, else the one of the repository that the package is run from.

    Raises:
        KimeraError: It is in neither place.
    """
    for place in (files("kimera_di.cli").joinpath(PAGE), _IN_THE_REPOSITORY):
        if place.is_file():
            return place.read_text(encoding="utf-8")
    facts = (("do this", 'install it anew: pip install --force-reinstall "kimera-di"'),)
    raise KimeraError("the page about errors is not installed", facts=facts)


def read_sections(page: str) -> Mapping[str, str]:
    """Split the page about errors.

    Args:
        page: Markdown with a heading ``## KD201`` above each section.

    Returns:
        Code -> text without comments and links, ending with one line break.
    """
    _, *parts = _HEADING.split(page)
    texts = (_LINK.sub(r"\1", _COMMENT.sub("", part)).strip() for part in parts[1::2])
    return {code: f"{text}\n" for code, text in zip(parts[::2], texts, strict=True)}


def _known(given: str, sections: Mapping[str, str]) -> str:
    code = f"KD{given.upper().removeprefix('KD')}"
    if code in sections:
        return code
    facts = (("did you mean", ", ".join(did_you_mean(code, sections))), ("do this", "kimera help lists all codes"))
    raise KimeraError(f"there is no code {given!r}", facts=facts)


def _summary(section: str) -> str:
    """Give the first sentence."""
    paragraph = " ".join(section.partition("\n\n")[0].split())
    return re.split(r"(?<=\.)\s(?=[A-Z])", paragraph, maxsplit=1)[0].rstrip(".:;")
