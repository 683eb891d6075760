"""The web application: routes, errors, correlation ids, and a scope of the container around every request."""

import re

from asgi_correlation_id import CorrelationIdMiddleware
from fastapi import FastAPI
from starlette.types import ASGIApp

from kimera import VERSION
from kimera.api import contradictions, conversations, geoids, health_routes
from kimera.api.errors import add_error_handlers
from kimera_di import ServiceContainer
from kimera_di.integrations.fastapi import setup

CORRELATION_HEADER = "X-Correlation-ID"
_CORRELATION_ID = re.compile(r"[0-9A-Za-z-]{8,64}")


def make_app(container: ServiceContainer) -> ASGIApp:
    """Put the web application together.

    Correlation ids are the outermost layer, around the finished application: FastAPI answers unhandled errors outside
    of the middleware that is added to it, and those answers need the id most.

    Args:
        container: What handlers get their services from; opened and closed by the caller.

    Returns:
        An ASGI application.
    """
    return CorrelationIdMiddleware(
        make_fastapi(container),
        header_name=CORRELATION_HEADER,
        validator=lambda text: _CORRELATION_ID.fullmatch(text) is not None,
    )


def make_fastapi(container: ServiceContainer) -> FastAPI:
    """Put the routes together, without correlation ids."""
    # The documentation pages would load scripts from elsewhere; /openapi.json has all they show.
    app = FastAPI(title="Kimera", version=VERSION, docs_url=None, redoc_url=None)
    for each in (geoids, contradictions, conversations, health_routes):
        app.include_router(each.router)
    add_error_handlers(app)
    setup(app, container)
    return app
