"""Words of English text, brought to a form in which "boils" and "boil" are the same."""

import re

_WORD = re.compile(r"\d+(?:[.,]\d+)*|[a-z]+(?:'[a-z]+)?")
_LONG_ENOUGH = 3


def words(text: str) -> list[str]:
    """Split a text into lower-case words and numbers; ``don't`` stays one word."""
    return _WORD.findall(text.lower().replace("\N{RIGHT SINGLE QUOTATION MARK}", "'"))


def stem(word: str) -> str:
    """Cut the endings of plurals and verbs; crude, but the same for all forms of most words."""
    for ending, instead in (("ies", "y"), ("sses", "ss"), ("es", ""), ("s", ""), ("ing", ""), ("ed", "")):
        kept = word.removesuffix(ending)
        if kept != word and len(kept) >= _LONG_ENOUGH and not (ending == "s" and kept.endswith(("s", "u", "i"))):
            return (kept + instead).removesuffix("e")
    return word.removesuffix("e") if len(word) > _LONG_ENOUGH else word
