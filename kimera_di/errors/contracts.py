"""What the architecture half raises: KD4xx, contract files, composition roots, reports and baselines.

In: a sentence and where the problem is. Out: one class and one code per cause.
"""

from kimera_di.errors.base import Facts, KimeraError
from kimera_di.rendering import show_place


class ContractError(KimeraError):
    """A contract file cannot be used as it is; names file, key and line.

    Args:
        summary: What is wrong.
        file: The contract file.
        key: The option, or ``None`` when the file as a whole is meant.
        line: Line of the key; 0 when it is not known.
        facts: Hints and what to do.
    """

    code = "KD401"

    def __init__(self, summary: str, *, file: str, key: str | None = None, line: int = 0, facts: Facts = ()) -> None:
        where = show_place(file, line) + (f", {key}" if key else "")
        super().__init__(summary, facts=(("at", where), *facts))
        self.file: str = file
        self.key: str | None = key
        self.line: int = line


class ServicesNotFoundError(KimeraError):
    """``MODULE:SERVICES`` does not name a collection: no such module or name, or something else stands there."""

    code = "KD404"


class CompositionRootError(KimeraError):
    """The composition root raised while it was loaded; the user's own exception is ``__cause__``."""

    code = "KD405"


class RootPackageError(KimeraError):
    """A root package of a contract file is in none of the folders that were searched."""

    code = "KD402"


class MissingExtraError(KimeraError):
    """Something needs packages of an extra that is not installed."""

    code = "KD403"


class UnwritableReportError(KimeraError):
    """A report cannot be written where the user wants it."""

    code = "KD406"


class BaselineError(KimeraError):
    """A baseline file is missing or damaged, or may not be written here.

    Args:
        summary: What is wrong.
        file: The baseline file.
        line: Where in it; 0 when the file as a whole is meant.
        todo: What to do.
    """

    code = "KD407"

    def __init__(self, summary: str, file: str, line: int = 0, todo: str = "") -> None:
        super().__init__(summary, facts=(("at", show_place(file, line)), ("do this", todo)))
        self.file: str = file
        self.line: int = line
