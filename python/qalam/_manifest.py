"""Studies from Experiments as Katib writes them (kubeflow.org/v1beta1), already read from YAML or JSON."""

from __future__ import annotations

from typing import Any, Callable, Dict, List, Mapping, Sequence

from .space import Categorical, Choice, Discrete, Float, Int, Parameter
from .study import Objective

# Annotations that say what a search is about, beyond Katib; the service takes them as settings.
_EXTENSIONS = {f"qalam.dev/{name}" for name in ("conditions", "constraints", "objectives", "enqueue", "warm-start", "end-when")}


def _whole(text: Any) -> int:
    number = float(text)
    if number != int(number):
        raise ValueError(f"must be a whole number, got {text!r}")
    return int(text) if isinstance(text, int) else int(number)


def _range(kind: Any, number: Callable[[Any], Any], space: Mapping[str, Any]) -> Parameter:
    step = space.get("step")
    parameter: Parameter = kind(number(space["min"]), number(space["max"]), None if step in (None, "") else number(step),
                                space.get("distribution") or "uniform")
    return parameter


def _numbers_where_exact(texts: Sequence[Any]) -> List[Choice]:
    """Texts of numbers as numbers, if each reads as the same text again."""
    numbers: List[Choice] = []
    for text in map(str, texts):
        for kind in (int, float):
            try:
                number = kind(text)
            except ValueError:
                continue
            if str(number) == text:
                numbers.append(number)
                break
        else:
            return [str(text) for text in texts]
    return numbers


def _parameter(entry: Mapping[str, Any]) -> Parameter:
    space = entry.get("feasibleSpace") or {}
    kind = entry.get("parameterType")
    if kind == "double":
        return _range(Float, float, space)
    if kind == "int":
        return _range(Int, _whole, space)
    if kind == "discrete":
        return Discrete(_numbers_where_exact(space["list"]))
    if kind == "categorical":
        return Categorical([str(text) for text in space["list"]])
    raise ValueError(f"parameterType must be double, int, discrete or categorical, got {kind!r}")


def read(experiment: Mapping[str, Any]) -> Dict[str, Any]:
    """Arguments of `Client.study`. ValueError names the parameter or field that is missing or wrong."""
    try:
        spec = experiment["spec"]
        objective, algorithm = spec["objective"], spec.get("algorithm") or {}
        arguments: Dict[str, Any] = {
            "name": experiment["metadata"]["name"],
            "objective": Objective(objective["objectiveMetricName"], objective["type"] == "maximize"),
            "metrics": objective.get("additionalMetricNames") or [],
            "algorithm": algorithm.get("algorithmName") or "auto",
            "settings": {**{entry["name"]: entry["value"] for entry in algorithm.get("algorithmSettings") or []},
                         **{name: text for name, text in (experiment["metadata"].get("annotations") or {}).items()
                            if name in _EXTENSIONS}},
            "parallel": spec.get("parallelTrialCount") or 3,
            "max_trials": spec.get("maxTrialCount"),
        }
        parameters = spec["parameters"]
    except (KeyError, TypeError) as error:
        raise ValueError(f"this is no Experiment of kubeflow.org/v1beta1: {error} is missing or wrong") from None
    space: Dict[str, Parameter] = {}
    for entry in parameters:
        try:
            space[entry["name"]] = _parameter(entry)
        except KeyError as error:
            raise ValueError(f"parameter {entry.get('name')}: {error} is missing") from None
        except (TypeError, ValueError) as error:
            raise ValueError(f"parameter {entry.get('name')}: {error}") from None
    arguments["space"] = space
    return arguments
