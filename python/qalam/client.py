"""The connection to `qalam serve`, or to any server of Katib's contracts."""

from __future__ import annotations

from typing import Any, List, Mapping, Optional, Sequence, Union

from . import _history, _manifest, _time, observations as _observations
from ._channel import Channel, Tls
from .observations import MetricValues, Observation
from .space import Space
from .study import Objective, Study


class Client:
    """Connects on the first call. May be used from several threads.

    address: "HOST:PORT" or "unix:PATH"; by default $QALAM_ADDR, else 127.0.0.1:6789.
    token: sent with each call; by default $QALAM_TOKEN. Without tls it is refused beyond this machine, unless `insecure`.
    tls: True for the system's certificates, or `Tls` with files; by default $QALAM_TLS_CA as its `ca`, else none.
    timeout: seconds for one call. A server that cannot be reached is tried for about two seconds.

    Whatever fails at the other end raises a `QalamError`; see `qalam.errors`.
    """

    def __init__(self, address: Optional[str] = None, *, token: Optional[str] = None,
                 tls: Union[Tls, bool, None] = None, timeout: float = 60.0, insecure: bool = False) -> None:
        self._channel = Channel(address, token, tls, timeout, insecure)

    def __enter__(self) -> "Client":
        return self

    def __exit__(self, *_: object) -> None:
        self.close()

    def close(self) -> None:
        self._channel.close()

    @property
    def address(self) -> str:
        return self._channel.address

    def wait_ready(self, timeout: float = 10.0) -> None:
        """Returns when the server is there. Unavailable: it is not, within `timeout` seconds."""
        self._channel.wait_ready(timeout)

    def study(self, name: str, space: Space, objective: Union[str, Objective], *, algorithm: str = "auto",
              settings: Optional[Mapping[str, Any]] = None, seed: Optional[int] = None, metrics: Sequence[str] = (),
              parallel: int = 3, max_trials: Optional[int] = None,
              history: Optional[_history.PathLike] = None) -> Study:
        """A search of `space` for the best `objective`, "min:loss" or "max:accuracy".

        algorithm, settings, seed: how to search. Without a seed it comes from the name, so that the same name searches
            alike.
        metrics: names of others that are told beside the objective.
        parallel, max_trials: how many trials there will be at once, and in all, as far as it is known; some algorithms
            plan for it.
        history: a file that every change is appended to, and that is loaded if it is there: a program that starts
            again goes on where it was. One study at a time may use it.

        The server is asked whether it can search this. ValueError (InvalidArgument): it cannot; the text says why.
        BlockingIOError: another study uses the history.
        """
        return Study(self._channel, name, space, objective, algorithm=algorithm, settings=settings, seed=seed,
                     metrics=metrics, parallel=parallel, max_trials=max_trials, history=history)

    def study_from(self, experiment: Mapping[str, Any], *, history: Optional[_history.PathLike] = None) -> Study:
        """The search of an Experiment of Katib's (kubeflow.org/v1beta1), as a YAML or JSON reader gives it.

        What it says of trial templates and collectors does not matter here. Entries of discrete lists that are numbers come
        back as numbers. ValueError: as for `study`, or it is no such Experiment.
        """
        return self.study(**_manifest.read(experiment), history=history)

    def report(self, trial: str, metrics: MetricValues, timestamp: Optional[_time.Timestamp] = None) -> None:
        """Stores one point of each metric of a trial. timestamp: a datetime, or seconds since 1970; now by default."""
        _observations.report(self._channel, trial, metrics, timestamp, None)

    def observation_log(self, trial: str, metric: str = "", start: Optional[_time.Timestamp] = None,
                        end: Optional[_time.Timestamp] = None) -> List[Observation]:
        """What the trial has reported, by time: of all metrics or of one, from `start` to `end`, both included."""
        return _observations.read(self._channel, trial, metric, start, end)

    def observations(self, trial: str, metric: str = "", start: Optional[_time.Timestamp] = None,
                     end: Optional[_time.Timestamp] = None) -> Any:
        """The same as a pandas DataFrame: time (NaT where there was none), metric, value (NaN: no number), text."""
        from ._frames import observations_frame

        return observations_frame(self.observation_log(trial, metric, start, end))

    def delete_observations(self, trial: str) -> None:
        """Deletes what the trial has reported; nothing happens when there is none."""
        _observations.delete(self._channel, trial)
