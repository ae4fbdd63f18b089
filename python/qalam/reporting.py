"""For training scripts: report_metrics."""

from __future__ import annotations

import os
import threading
from typing import Dict, Optional, Tuple, Union

from . import _time, observations as _observations
from ._channel import Channel, Tls
from .observations import MetricValues

_lock = threading.Lock()
_channels: Dict[Tuple[object, ...], Channel] = {}


def _channel(address: Optional[str], token: Optional[str], tls: Union[Tls, bool, None]) -> Channel:
    """One connection per address and process: gRPC's do not survive a fork."""
    environment = tuple(os.environ.get(name) for name in ("QALAM_ADDR", "QALAM_TOKEN", "QALAM_TLS_CA"))
    key = (os.getpid(), address, token, tls, environment)
    with _lock:
        if key not in _channels:
            _channels[key] = Channel(address, token, tls, 60.0, insecure=False)
        return _channels[key]


def report_metrics(metrics: MetricValues, address: Optional[str] = None, timeout: float = 60.0, *,
                   trial: Optional[str] = None, timestamp: Optional[_time.Timestamp] = None,
                   token: Optional[str] = None, tls: Union[Tls, bool, None] = None,
                   db_manager_address: Optional[str] = None) -> None:
    """Reports metrics of the trial that this program is: report_metrics({"loss": 0.3, "accuracy": 0.9}).

    Called as the function of that name in Katib's SDK, whose name for `address` is understood, too.

    address: by default $QALAM_ADDR, else 127.0.0.1:6789. token, tls: as for `Client`.
    trial: by default $KATIB_TRIAL_NAME, else $QALAM_TRIAL_NAME.
    timestamp: a datetime, or seconds since 1970; now by default. The same for all metrics of the call.

    ValueError: no trial, or a value that is no number. QalamError, a RuntimeError: the server does not take it.
    """
    name = trial or os.environ.get("KATIB_TRIAL_NAME") or os.environ.get("QALAM_TRIAL_NAME")
    if not name:
        raise ValueError("no trial: set KATIB_TRIAL_NAME, or say trial=...")
    _observations.report(_channel(address or db_manager_address, token, tls), name, metrics, timestamp, timeout)
