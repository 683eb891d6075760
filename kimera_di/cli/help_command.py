"""The command ``help``; ``commands`` knows it by name.

In: codes. Out: text on stdout, an exit code.
"""

import click

from kimera_di.cli.help import help_text
from kimera_di.cli.options import finish
from kimera_di.cli.outputs import write


@click.command("help")
@click.argument("codes", nargs=-1, metavar="[CODE]...")
@click.pass_context
def explain_codes(context: click.Context, *, codes: tuple[str, ...]) -> None:
    """Say what the CODE of an error or a finding means, and what to do: `kimera help KD201`.

    Without a CODE every code is listed. Exits with 2 when there is no such code.
    """

    def run() -> int:
        write(help_text(codes), None)
        return 0

    finish(context, run)
