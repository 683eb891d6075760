"""Help for the tests of applications: the pytest plugin.

In: nothing. Out: nothing; pytest loads ``kimera_di.testing.plugin`` by its entry point ``kimera``. Needs pytest, which
the rest of the package never imports.
"""
