"""Write files and lines as SARIF has them: relative URIs below a named folder.

In: paths as a report has them, relative to the current folder when below it, else absolute. Out: locations. Absolute
paths are written relative to what they have in common, so that no path of a machine is published.
"""

import re
from collections.abc import Iterable
from dataclasses import dataclass
from itertools import takewhile
from urllib.parse import quote

SOURCE = "SRCROOT"
"""Name of the current folder."""
OUTSIDE = "OUTSIDE"
"""Name of the folder that all files outside of the current folder are in."""
_ABSOLUTE = re.compile(r"/|[A-Za-z]:/")
_HALVES = re.compile("[\ud800-\udc7f\udd00-\udfff]")
"""Surrogates that stand for no byte."""


@dataclass(frozen=True, slots=True)
class SarifPlaces:
    """Makes the locations of one report."""

    outside: tuple[str, ...] | None
    """Parts of the folder `OUTSIDE`; ``None`` when no file is there."""

    @classmethod
    def of(cls, files: Iterable[str | None]) -> "SarifPlaces":
        """Find out what the files of a report have in common.

        Args:
            files: All of them, in any order; ``None`` for no file.

        Returns:
            What makes their locations.
        """
        folders = sorted({tuple(file.split("/")[:-1]) for file in files if file and _ABSOLUTE.match(file)})
        if not folders:
            return cls(None)
        first, last = folders[0], folders[-1]  # what the outermost two in sorted order share, all share
        pairs = zip(first, last, strict=False)
        return cls(tuple(one for one, _ in takewhile(lambda pair: pair[0] == pair[1], pairs)))

    def location(self, file: str | None, line: int | None) -> dict[str, object]:
        """Make a location.

        Args:
            file: One of the files this was made of.
            line: From 1; ``None`` or 0 for the whole file.

        Returns:
            A SARIF location, empty without a file.
        """
        if not file:
            return {}
        region = {"region": {"startLine": line}} if line else {}
        return {"physicalLocation": {"artifactLocation": self._artifact(file), **region}}

    def without_folder(self, text: str) -> str:
        """Take the folder `OUTSIDE` out of a text for people, which may name files as well."""
        folder = "/".join(self.outside or ())
        return text.replace(f"{folder}/", "") if folder else text

    def _artifact(self, file: str) -> dict[str, str]:
        if self.outside is not None and _ABSOLUTE.match(file):
            return {"uri": _uri("/".join(file.split("/")[len(self.outside) :])), "uriBaseId": OUTSIDE}
        return {"uri": _uri(file), "uriBaseId": SOURCE}


def _uri(path: str) -> str:
    # A byte of a file name that is no UTF-8 (PEP 383) comes out as it is; Windows has halves of characters besides.
    return quote(_HALVES.sub("\ufffd", path), safe="/", errors="surrogateescape")
