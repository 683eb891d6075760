"""From contract files to specs: find them, read every option, collect every mistake with its line.

In: TOML and INI files. Out: frozen specs, or one error with all mistakes. Reads no source code, runs no contract, loads
the standard library only.
"""
