"""A study: a search whose trials your program runs. The server keeps nothing; the study is the memory."""

from __future__ import annotations

import math
import threading
from dataclasses import dataclass
from typing import Any, Dict, List, Mapping, Optional, Sequence, Tuple, Union

from . import _history, _time, _wire
from ._channel import Channel
from .errors import QalamError, SpaceExhausted
from .space import Space, Value, check_point
from .trial import Trial, TrialState

_Experiment = _wire.message("Experiment")
_Request = _wire.message("GetSuggestionsRequest")
_ValidateRequest = _wire.message("ValidateAlgorithmSettingsRequest")
_OBJECTIVE = _wire.enum("ObjectiveType")
_CONDITIONS = {
    TrialState.RUNNING: 1,
    TrialState.SUCCEEDED: 2,
    TrialState.KILLED: 3,
    TrialState.FAILED: 4,
    TrialState.METRICS_UNAVAILABLE: 5,
    TrialState.EARLY_STOPPED: 6,
}
# Services put the trials into the order of their creation by it: times on the wire are whole seconds.
_INDEX_LABEL = "qalam.dev/trial-index"
_MAX_COUNT = 2**31 - 1

TrialOrName = Union[Trial, str]
Metrics = Union[float, Mapping[str, float]]


@dataclass(frozen=True)
class Objective:
    """What to improve: the name of a metric, and whether larger values are better."""

    metric: str
    maximize: bool = False

    @classmethod
    def parse(cls, text: "Union[str, Objective]") -> "Objective":
        """From "min:loss" or "max:accuracy". ValueError: anything else."""
        if isinstance(text, Objective):
            return text
        direction, colon, metric = text.partition(":")
        if not colon or not metric or direction not in ("min", "max", "minimize", "maximize"):
            raise ValueError(f"objective must be like min:loss or max:accuracy, got {text!r}")
        return cls(metric, direction.startswith("max"))


class Study:
    """Made by `Client.study`. May be used from several threads; questions are asked one after another."""

    def __init__(self, channel: Channel, name: str, space: Space, objective: Union[str, Objective], *,
                 algorithm: str = "auto", settings: Optional[Mapping[str, Any]] = None, seed: Optional[int] = None,
                 metrics: Sequence[str] = (), parallel: int = 3, max_trials: Optional[int] = None,
                 history: Optional[_history.PathLike] = None) -> None:
        if not name:
            raise ValueError("name must not be empty")
        if not space:
            raise ValueError("space must have at least one parameter")
        if isinstance(metrics, str):
            raise ValueError(f"metrics must be a list of names, got {metrics!r}")
        self.name = name
        self.space: Space = dict(space)
        self.objective = Objective.parse(objective)
        self.algorithm = algorithm
        self._metrics = [self.objective.metric, *(metric for metric in metrics if metric != self.objective.metric)]
        self._channel = channel
        self._asking = threading.Lock()
        self._lock = threading.RLock()
        self._trials: List[Trial] = []
        self._by_name: Dict[str, Trial] = {}
        self._wire_trials: List[bytes] = []  # the request's field of each trial
        self._fed_back: Dict[str, str] = {}  # settings that the algorithm asked to remember
        self._journal: Optional[_history.Journal] = None
        self._settings = {key: str(value) for key, value in (settings or {}).items()}
        if seed is not None:
            self._settings["seed"] = str(seed)
        self._parallel, self._max_trials = parallel, max_trials or 0
        channel.call(_wire.VALIDATE_SETTINGS, _ValidateRequest(experiment=self._experiment()))
        if history is not None:
            journal = _history.Journal(history)
            try:
                self.load(history)
            except BaseException:
                journal.close()
                raise
            self._journal = journal

    @property
    def trials(self) -> Tuple[Trial, ...]:
        """In the order in which they were asked or added."""
        with self._lock:
            return tuple(self._trials)

    @property
    def best(self) -> Optional[Trial]:
        """The best succeeded trial, the earlier of equal ones; None without one."""
        sign = -1.0 if self.objective.maximize else 1.0
        done = [trial for trial in self.trials if trial.state is TrialState.SUCCEEDED]
        return min(done, key=lambda trial: sign * trial.metrics[self.objective.metric], default=None)

    def ask(self, count: int = 1) -> List[Trial]:
        """Up to `count` new trials, running from now on: fewer when a finite space has no more.

        SpaceExhausted: it has none. Other errors: see `qalam.errors`. Running trials are known to the algorithm, so that
        it does not suggest their points again: tell each one, also that it has failed.
        """
        if not 1 <= count <= _MAX_COUNT:
            raise ValueError(f"count must be from 1 to {_MAX_COUNT}, got {count}")
        with self._asking:
            reply = self._suggest_as_many_as_there_are(count)
            with self._lock:
                points = [self._check_suggestion(suggestion) for suggestion in reply.parameter_assignments]
                if not points:
                    raise QalamError("the service suggests nothing", "INTERNAL")
                for setting in reply.algorithm.algorithm_settings:
                    self._fed_back[setting.name] = setting.value
                asked = [self._append(suggestion.trial_name, point, dict(suggestion.labels))
                         for suggestion, point in zip(reply.parameter_assignments, points)]
                self._write(asked)
                return asked

    def tell(self, trial: TrialOrName, metrics: Optional[Metrics] = None, *,
             state: Union[TrialState, str] = TrialState.SUCCEEDED) -> Trial:
        """Records a result: metrics by name, or just the objective. Telling again replaces it.

        A succeeded trial needs its objective. One that is NaN or infinite counts as METRICS_UNAVAILABLE.
        ValueError: the trial is not of this study, a metric is unknown or no number.
        """
        state = TrialState.parse(state)
        with self._lock:
            known = self._find(trial)
            values = self._check_metrics(metrics)
            state = self._check_state(state, values)
            known.state, known.metrics = state, values
            known.end = None if state is TrialState.RUNNING else _time.now()
            self._changed(known)
            self._write([known])
            return known

    def fail(self, trial: TrialOrName) -> Trial:
        """The trial ended without a result, and would with these parameters again."""
        return self.tell(trial, state=TrialState.FAILED)

    def kill(self, trial: TrialOrName) -> Trial:
        """The trial was ended for reasons that have nothing to do with its parameters."""
        return self.tell(trial, state=TrialState.KILLED)

    def add(self, params: Mapping[str, Any], metrics: Optional[Metrics] = None, *,
            state: Union[TrialState, str, None] = None, name: str = "") -> Trial:
        """A trial that was not asked: a result from elsewhere, or, without metrics, one that somebody runs now.

        ValueError: parameters outside the space, a name that is taken, or as `tell`.
        """
        with self._lock:
            if name in self._by_name:
                raise ValueError(f"trial {name!r} is there already; tell its result")
            point = check_point(self.space, params)
            values = self._check_metrics(metrics)
            if state is None:
                state = TrialState.SUCCEEDED if values else TrialState.RUNNING
            state = self._check_state(TrialState.parse(state), values)
            trial = self._append(name, point, {})
            trial.state, trial.metrics = state, values
            if state is not TrialState.RUNNING:
                trial.end = trial.start
            self._changed(trial)
            self._write([trial])
            return trial

    def save(self, path: _history.PathLike) -> None:
        """All trials as JSON lines; a file that is there is replaced. `qalam suggest --history` reads it, too."""
        with self._lock:
            records = [_history.to_record(trial, self.name, self._fed_back) for trial in self._trials]
        _history.write_all(path, map(_history.to_line, records))

    def load(self, path: _history.PathLike) -> None:
        """Adds the trials of a file that `save`, a journal, or `qalam export --format jsonl` wrote.

        ValueError, with file and line: what does not fit the study. Then nothing is added.
        """
        with self._lock:
            before = (list(self._trials), dict(self._by_name), list(self._wire_trials), dict(self._fed_back))
            touched: Dict[str, Trial] = {}
            try:
                for number, record in _history.read_lines(path):
                    try:
                        trial = self._take(record)
                    except (TypeError, ValueError) as error:
                        raise ValueError(f"{path}:{number}: {error}") from None
                    touched[trial.name] = trial
            except BaseException:
                self._trials, self._by_name, self._wire_trials, self._fed_back = before
                raise
            for trial in touched.values():
                self._changed(trial)
            self._write(touched.values())

    def frame(self) -> Any:
        """All trials as a pandas DataFrame: one row each, by name, with status, times, parameters and metrics.

        The columns are those of `qalam export`: a name that is taken already gets `parameter.` or `metric.` in front.
        """
        from ._frames import trials_frame

        return trials_frame(self.trials, list(self.space), self._metrics)

    def close(self) -> None:
        """Closes the journal, if there is one. Asking and telling go on without it."""
        with self._lock:
            if self._journal is not None:
                self._journal.close()
                self._journal = None

    def __enter__(self) -> "Study":
        return self

    def __exit__(self, *_: object) -> None:
        self.close()

    def _experiment(self) -> Any:
        experiment = _Experiment(name=self.name)
        spec = experiment.spec
        for name, parameter in self.space.items():
            spec.parameter_specs.parameters.append(parameter.to_spec(name))
        spec.objective.type = _OBJECTIVE["MAXIMIZE" if self.objective.maximize else "MINIMIZE"]
        spec.objective.objective_metric_name = self.objective.metric
        spec.objective.additional_metric_names.extend(self._metrics[1:])
        spec.algorithm.algorithm_name = self.algorithm
        for key, value in {**self._settings, **self._fed_back}.items():
            spec.algorithm.algorithm_settings.add(name=key, value=value)
        spec.parallel_trial_count, spec.max_trial_count = self._parallel, self._max_trials
        return experiment

    def _suggest(self, count: int) -> Any:
        with self._lock:
            head = _Request(experiment=self._experiment(), current_request_number=count,
                            total_request_number=len(self._trials) + count)
            request = head.SerializeToString() + b"".join(self._wire_trials)
        return self._channel.call(_wire.GET_SUGGESTIONS, request)

    def _suggest_as_many_as_there_are(self, count: int) -> Any:
        """Services give all points that are asked for, or none."""
        try:
            return self._suggest(count)
        except SpaceExhausted:
            if count == 1:
                raise
        most, too_many = 0, count
        reply = None
        while reply is None or too_many - most > 1:
            middle = max(1, (most + too_many) // 2)
            try:
                reply = self._suggest(middle)
                most = middle
            except SpaceExhausted:
                if middle == 1:
                    raise
                too_many = middle
        return reply

    def _check_suggestion(self, suggestion: Any) -> Dict[str, Value]:
        try:
            if suggestion.trial_name in self._by_name:
                raise ValueError(f"trial {suggestion.trial_name}, which is there already")
            return check_point(self.space, {entry.name: entry.value for entry in suggestion.assignments})
        except ValueError as error:
            raise QalamError(f"the service suggests what does not fit: {error}", "INTERNAL") from None

    def _append(self, name: str, point: Dict[str, Value], labels: Dict[str, str]) -> Trial:
        trial = Trial(name or self._free_name(), len(self._trials), point, start=_time.now(), labels=labels)
        self._trials.append(trial)
        self._by_name[trial.name] = trial
        self._wire_trials.append(b"")
        self._changed(trial)
        return trial

    def _free_name(self) -> str:
        number = len(self._trials) + 1
        while f"{self.name}-{number}" in self._by_name:
            number += 1
        return f"{self.name}-{number}"

    def _find(self, trial: TrialOrName) -> Trial:
        name = trial.name if isinstance(trial, Trial) else trial
        if name not in self._by_name:
            raise ValueError(f"study {self.name} has no trial {name!r}; add it with its parameters")
        return self._by_name[name]

    def _check_metrics(self, metrics: Optional[Metrics]) -> Dict[str, float]:
        if metrics is None:
            return {}
        if not isinstance(metrics, Mapping):
            metrics = {self.objective.metric: metrics}
        values = {}
        for name, value in metrics.items():
            if name not in self._metrics:
                raise ValueError(f"metric {name!r} is not of this study, only {', '.join(self._metrics)}")
            try:
                values[name] = float(value)
            except (TypeError, ValueError):
                raise ValueError(f"metric {name} must be a number, got {value!r}") from None
        return values

    def _check_state(self, state: TrialState, values: Mapping[str, float]) -> TrialState:
        if state is not TrialState.SUCCEEDED:
            return state
        if self.objective.metric not in values:
            raise ValueError(f"a succeeded trial needs its objective, {self.objective.metric}; "
                             "if it has none, tell another state")
        return state if math.isfinite(values[self.objective.metric]) else TrialState.METRICS_UNAVAILABLE

    def _take(self, record: Mapping[str, Any]) -> Trial:
        """One line of a file. The trial's place in the request is brought up to date by the caller."""
        name = str(record.get("trial") or "")
        params = record.get("parameters")
        better = "max" if self.objective.maximize else "min"
        metrics = record.get("metrics") or {}
        for key in ("parameters", "metrics", "labels", "algorithmSettings"):
            if not isinstance(record.get(key) or {}, Mapping):
                raise ValueError(f"{key} must be an object, got {record[key]!r}")
        values = {}
        for metric in self._metrics:
            value = _history.metric_value(metrics.get(metric), better)
            if value is not None:
                values[metric] = value
        default = TrialState.SUCCEEDED if self.objective.metric in values else TrialState.RUNNING
        state = self._check_state(TrialState.parse(record.get("status") or default), values)
        if name in self._by_name:
            trial = self._by_name[name]
            if params and check_point(self.space, params) != trial.params:
                raise ValueError(f"trial {name} is there already, with other parameters")
        elif params:
            trial = self._append(name, check_point(self.space, params), dict(record.get("labels") or {}))
        else:
            raise ValueError(f"trial {name!r} has no parameters")
        trial = self._by_name[trial.name] = self._trials[trial.number] = Trial(
            trial.name, trial.number, trial.params, state, values, _time.parse(record.get("start") or ""),
            _time.parse(record.get("end") or ""), trial.labels)
        self._fed_back.update({str(key): str(value) for key, value in (record.get("algorithmSettings") or {}).items()})
        return trial

    def _changed(self, trial: Trial) -> None:
        request = _Request()
        wire = request.trials.add(name=trial.name)
        wire.spec.objective.type = _OBJECTIVE["MAXIMIZE" if self.objective.maximize else "MINIMIZE"]
        wire.spec.objective.objective_metric_name = self.objective.metric
        for name, value in trial.params.items():
            wire.spec.parameter_assignments.assignments.add(name=name, value=self.space[name].to_text(value))
        for key, text in trial.labels.items():
            wire.spec.labels[key] = text
        wire.spec.labels[_INDEX_LABEL] = str(trial.number)
        wire.status.condition = _CONDITIONS[trial.state]
        if trial.start is not None:
            wire.status.start_time = _time.to_whole_seconds(trial.start)
        if trial.end is not None:
            wire.status.completion_time = _time.to_whole_seconds(trial.end)
        for name, number in trial.metrics.items():
            wire.status.observation.metrics.add(name=name, value=repr(number))
        self._wire_trials[trial.number] = request.SerializeToString()

    def _write(self, trials: Any) -> None:
        if self._journal is not None:
            self._journal.append([_history.to_record(trial, self.name, self._fed_back) for trial in trials])
