"""Run the command as ``python -m kimera_di.cli``.

In: command line arguments. Out: an exit code.
"""

from kimera_di.cli import main

main()
