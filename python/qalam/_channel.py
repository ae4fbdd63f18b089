"""A connection to one server: credentials, retries, errors."""

from __future__ import annotations

import ipaddress
import json
import os
from dataclasses import dataclass
from typing import Any, List, Optional, Tuple, Union

import grpc

from . import _wire, errors

DEFAULT_ADDRESS = "127.0.0.1:6789"

# Every call may be repeated: suggestions are a pure function of the request, and reports are idempotent.
_RETRIES = json.dumps({
    "methodConfig": [{
        "name": [{}],
        "retryPolicy": {
            "maxAttempts": 5,
            "initialBackoff": "0.1s",
            "maxBackoff": "1s",
            "backoffMultiplier": 2,
            "retryableStatusCodes": ["UNAVAILABLE"],
        },
    }]
})


@dataclass(frozen=True)
class Tls:
    """Files (PEM) for a connection with TLS; each may be absent.

    ca: certificates that the server's must lead to; the system's by default.
    cert, key: our own, for servers that want clients to have one (mutual TLS).
    server_name: the name in the server's certificate, where it is not the host that is called.
    """

    ca: Optional[str] = None
    cert: Optional[str] = None
    key: Optional[str] = None
    server_name: Optional[str] = None

    def credentials(self) -> Any:
        if (self.cert is None) != (self.key is None):
            raise ValueError("tls: cert and key belong together; only one of them is given")
        return grpc.ssl_channel_credentials(_read(self.ca), _read(self.key), _read(self.cert))


def _read(path: Optional[str]) -> Optional[bytes]:
    if path is None:
        return None
    with open(path, "rb") as file:
        return file.read()


def is_local(address: str) -> bool:
    """Whether the address cannot be reached from another machine."""
    if address.startswith(("unix:", "unix-abstract:")):
        return True
    host = address.rsplit("/", 1)[-1].rsplit(":", 1)[0].strip("[]")
    try:
        return ipaddress.ip_address(host).is_loopback
    except ValueError:
        return host == "localhost"


class Channel:
    """Blocking calls; may be used from several threads at once."""

    def __init__(self, address: Optional[str], token: Optional[str], tls: Union[Tls, bool, None], timeout: float,
                 insecure: bool) -> None:
        self.address = address or os.environ.get("QALAM_ADDR") or DEFAULT_ADDRESS
        self.timeout = timeout
        token = os.environ.get("QALAM_TOKEN") if token is None else token
        if tls is None and os.environ.get("QALAM_TLS_CA"):
            tls = Tls(ca=os.environ["QALAM_TLS_CA"])
        if tls is True:
            tls = Tls()
        if token and not tls and not insecure and not is_local(self.address):
            raise ValueError(f"the token would travel to {self.address} in clear text; give tls, or insecure=True if "
                             "the network between is yours")
        self._metadata: List[Tuple[str, str]] = [("authorization", f"Bearer {token}")] if token else []
        options: List[Tuple[str, Any]] = [
            ("grpc.max_receive_message_length", -1),
            ("grpc.max_send_message_length", -1),
            ("grpc.enable_retries", 1),
            ("grpc.service_config", _RETRIES),
            # A server that starts again is found soon, however long it has been away.
            ("grpc.initial_reconnect_backoff_ms", 200),
            ("grpc.min_reconnect_backoff_ms", 1000),
            ("grpc.max_reconnect_backoff_ms", 2000),
        ]
        if is_local(self.address):
            options.append(("grpc.enable_http_proxy", 0))
        if tls:
            if tls.server_name:
                options.append(("grpc.ssl_target_name_override", tls.server_name))
            self._channel = grpc.secure_channel(self.address, tls.credentials(), options)
        else:
            self._channel = grpc.insecure_channel(self.address, options)

    def call(self, method: _wire.Method, request: Any, timeout: Optional[float] = None) -> Any:
        """The reply. `request` is a message of the contract, of whatever generated code, or its bytes."""
        function = self._channel.unary_unary(method.path, request_serializer=_wire.serialize,
                                             response_deserializer=method.reply.FromString)
        try:
            return function(request, timeout=self.timeout if timeout is None else timeout, metadata=self._metadata)
        except grpc.RpcError as error:
            raise errors.from_rpc(error, self.address) from None

    def wait_ready(self, timeout: float) -> None:
        try:
            grpc.channel_ready_future(self._channel).result(timeout=timeout)
        except grpc.FutureTimeoutError:
            raise errors.Unavailable(f"{self.address}: not reachable within {timeout:g} s", "UNAVAILABLE") from None

    def close(self) -> None:
        self._channel.close()
