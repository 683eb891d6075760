"""The reference application of kimera_di: it stores texts and reports which of them contradict each other.

A web service and a command. Four layers, low to high: ``infrastructure`` < ``core`` < ``engines`` < ``api``. Every
service is asked for by an interface; ``kimera.composition`` is the only module that knows the implementations,
``kimera.web`` puts the web application together, ``kimera.server`` runs it, ``kimera.main`` is the command line. The
rules are in ``contracts/kimera_example.toml``; ``README.md`` in this folder says what is where.
"""

VERSION = "1.0.0"
