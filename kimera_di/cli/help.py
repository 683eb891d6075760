"""The pages about errors, for ``kimera help CODE``: an error message names this command.

In: codes. Out: text. Reads the pages that come with the package, so that no network and no clone of the repository is
needed. Loads the standard library only: the pages must be there for who has not installed an extra. See
docs/decisions/0018.
"""

import re
from collections.abc import Mapping, Sequence
from importlib.resources import files
from pathlib import Path

from kimera_di.errors import KimeraError
from kimera_di.rendering import did_you_mean

FOLDER = "errors"
"""Beside this module in a wheel, which takes it from the documentation; there is one text only."""
_IN_THE_REPOSITORY = Path(__file__).parents[2] / "docs" / "reference" / FOLDER
_CODE = re.compile(r"KD\d{3}")
_COMMENT = re.compile(r"^<!-- .* -->\n", re.MULTILINE)
_LINK = re.compile(r"\[([^\]]+)\]\([^)\s]+\)")


def help_text(codes: Sequence[str], pages: Mapping[str, str] | None = None) -> str:
    """Give the pages about some codes, or the list of all codes.

    Args:
        codes: For instance ``KD201``; ``kd201`` and ``201`` are the same. None for the list.
        pages: Code -> text; those that come with the package when left out.

    Returns:
        The pages in the order that was asked for, as Markdown without links; or one line for each code.

    Raises:
        KimeraError: There is no such code, or the package was installed without the pages.
    """
    texts = error_pages() if pages is None else pages
    if not codes:
        return "".join(f"{code}  {first_sentence(text)}\n" for code, text in sorted(texts.items()))
    return "\n".join(f"{code}\n\n{texts[code]}" for code in (_known(code, texts) for code in codes))


def error_pages() -> Mapping[str, str]:
    """Read the pages about errors.

    Returns:
        Code -> text without heading, comments and links, ending with one line break; read from the package, else from
        the repository that the package is run from.

    Raises:
        KimeraError: They are in neither place.
    """
    pages = installed_pages()
    if pages:
        return pages
    facts = (("do this", 'install it anew: pip install --force-reinstall "kimera-di"'),)
    raise KimeraError("the pages about errors are not installed", facts=facts)


def installed_pages() -> Mapping[str, str]:
    """Read the pages about errors as far as they are there: the same as `error_pages`, but empty without any."""
    for place in (files("kimera_di.cli").joinpath(FOLDER), _IN_THE_REPOSITORY):
        if place.is_dir():
            names = [page.name for page in place.iterdir()]
            codes = sorted(name.removesuffix(".md") for name in names if _CODE.fullmatch(name.removesuffix(".md")))
            return {code: plain_text(place.joinpath(f"{code}.md").read_text(encoding="utf-8")) for code in codes}
    return {}


def plain_text(page: str) -> str:
    """Give a page as a terminal shows it: without its heading, invisible comments, and targets of links."""
    _, _, text = page.partition("\n")
    return _LINK.sub(r"\1", _COMMENT.sub("", text)).strip() + "\n"


def _known(given: str, sections: Mapping[str, str]) -> str:
    code = f"KD{given.upper().removeprefix('KD')}"
    if code in sections:
        return code
    facts = (("did you mean", ", ".join(did_you_mean(code, sections))), ("do this", "kimera help lists all codes"))
    raise KimeraError(f"there is no code {given!r}", facts=facts)


def first_sentence(section: str) -> str:
    """Give the first sentence of a page, on one line and without its full stop."""
    paragraph = " ".join(section.partition("\n\n")[0].split())
    return re.split(r"(?<=\.)\s(?=[A-Z])", paragraph, maxsplit=1)[0].rstrip(".:;")
