"""Errors as JSON: ``{"error": {"status", "message", "details", "correlation_id"}}``, whatever went wrong."""

import logging
from collections.abc import Mapping, Sequence

from asgi_correlation_id import correlation_id
from fastapi import FastAPI, Request
from fastapi.exceptions import RequestValidationError
from fastapi.responses import JSONResponse
from sqlalchemy.exc import OperationalError
from sqlalchemy.exc import TimeoutError as PoolTimeoutError
from starlette.exceptions import HTTPException

_logger = logging.getLogger(__name__)
_UNPROCESSABLE, _INTERNAL, _UNAVAILABLE = 422, 500, 503


def add_error_handlers(app: FastAPI) -> None:
    """Answer every error of the application in the same form."""
    app.add_exception_handler(HTTPException, _refused)
    app.add_exception_handler(RequestValidationError, _invalid)
    app.add_exception_handler(OperationalError, _unavailable)
    app.add_exception_handler(PoolTimeoutError, _unavailable)
    app.add_exception_handler(Exception, _failed)


async def _refused(_request: Request, error: Exception) -> JSONResponse:
    if not isinstance(error, HTTPException):
        raise error
    return _body(error.status_code, str(error.detail), headers=error.headers)


async def _invalid(_request: Request, error: Exception) -> JSONResponse:
    if not isinstance(error, RequestValidationError):
        raise error
    # Without the input: it may be long, secret, or no text that could be sent back.
    details = [{"where": ".".join(map(str, each["loc"])), "message": str(each["msg"])} for each in error.errors()]
    return _body(_UNPROCESSABLE, "the request does not have the right form", details)


async def _unavailable(request: Request, error: Exception) -> JSONResponse:
    _logger.error("the database failed in %s %s", request.method, request.url.path, exc_info=error)
    return _body(_UNAVAILABLE, "the database does not answer", headers={"Retry-After": "1"})


async def _failed(_request: Request, _error: Exception) -> JSONResponse:
    # The server logs the traceback; the client gets the id to ask about.
    return _body(_INTERNAL, "something went wrong in the server")


def _body(
    status: int,
    message: str,
    details: Sequence[Mapping[str, str]] = (),
    headers: Mapping[str, str] | None = None,
) -> JSONResponse:
    body = {
        "status": status,
        "message": message,
        "details": list(details),
        "correlation_id": correlation_id.get(),
    }
    return JSONResponse({"error": body}, status, headers=headers)
