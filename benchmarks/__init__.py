"""How fast is kimera_di, next to the same objects built by hand and next to other containers?

Run as ``python -m benchmarks`` from the root of the repository; see ``benchmarks/README.md``.
"""
