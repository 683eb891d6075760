"""One module per framework: who opens a scope for a unit of work, and when it is closed.

In: a built container and an application of the framework. Out: services in handlers and commands. Nothing is
imported here: ``kimera_di.integrations.fastapi`` needs FastAPI only when it is imported itself.
"""
