"""Why an invocation has no answer.

InvocationError
├── HandlerError    the handler, or its import, raised an exception
├── TimedOutError   it took longer than the function's timeout; its process was killed
├── ExitedError     its process ended
└── ThrottledError  it was not begun: too many invocations wait already
"""

from typing import Any


class InvocationError(Exception):
    """`payload` is what Lambda answers: errorType, errorMessage, stackTrace."""

    def __init__(self, error_type: str, message: str, trace: list[str] | None = None) -> None:
        super().__init__(f"{error_type}: {message}")
        self.payload: dict[str, Any] = {"errorType": error_type, "errorMessage": message, "stackTrace": trace or []}


class HandlerError(InvocationError):
    pass


class TimedOutError(InvocationError):
    pass


class ExitedError(InvocationError):
    pass


class ThrottledError(InvocationError):
    pass
