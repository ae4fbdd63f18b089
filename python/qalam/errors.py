"""What can go wrong at the other end."""

from __future__ import annotations

from typing import Dict, Type

import grpc


class QalamError(RuntimeError):
    """A call failed. `code` is gRPC's name of the reason, such as "UNAVAILABLE"."""

    def __init__(self, message: str, code: str = "UNKNOWN") -> None:
        super().__init__(message)
        self.code = code


class InvalidArgument(QalamError, ValueError):
    """Something in the request is wrong: the search space, a setting, a value. Asking again does not help."""


class SpaceExhausted(QalamError):
    """Every point of a finite search space has been tried."""


class Unauthenticated(QalamError):
    """The server wants a token, or another one."""


class Unavailable(QalamError):
    """The server cannot be reached. The call has been tried several times."""


class DeadlineExceeded(QalamError):
    """No answer within the time limit."""


class Overloaded(QalamError):
    """The server has no room for this call now, or the message is too large for it; the text says which."""


_CLASSES: Dict[grpc.StatusCode, Type[QalamError]] = {
    grpc.StatusCode.INVALID_ARGUMENT: InvalidArgument,
    grpc.StatusCode.OUT_OF_RANGE: SpaceExhausted,
    grpc.StatusCode.UNAUTHENTICATED: Unauthenticated,
    grpc.StatusCode.PERMISSION_DENIED: Unauthenticated,
    grpc.StatusCode.UNAVAILABLE: Unavailable,
    grpc.StatusCode.DEADLINE_EXCEEDED: DeadlineExceeded,
    grpc.StatusCode.RESOURCE_EXHAUSTED: Overloaded,
}


def from_rpc(error: grpc.RpcError, address: str) -> QalamError:
    """The exception for a failed call to `address`."""
    code: grpc.StatusCode = error.code()
    text = error.details() or code.name
    if code in (grpc.StatusCode.UNAVAILABLE, grpc.StatusCode.DEADLINE_EXCEEDED, grpc.StatusCode.UNAUTHENTICATED):
        text = f"{address}: {text}"
    return _CLASSES.get(code, QalamError)(text, code.name)
