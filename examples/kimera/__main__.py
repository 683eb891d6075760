"""Run the application: ``python -m kimera``."""

import sys

from kimera.main import main

if __name__ == "__main__":
    sys.exit(main())
