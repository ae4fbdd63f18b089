"""Client of Qalam, hyperparameter tuning: ask and tell over gRPC, metrics of trials, observation logs.

    import qalam

    with qalam.Client("127.0.0.1:6789") as client:
        study = client.study("tune", {"lr": qalam.Float(1e-5, 1e-1, distribution="logUniform")}, "min:loss")
        for trial in study.ask(4):
            study.tell(trial, {"loss": train(trial["lr"])})
"""

from ._channel import Tls
from .client import Client
from .errors import (DeadlineExceeded, InvalidArgument, Overloaded, QalamError, SpaceExhausted, Unauthenticated,
                     Unavailable)
from .observations import Observation
from .reporting import report_metrics
from .space import Categorical, Discrete, Float, Int
from .study import Objective, Study
from .trial import Trial, TrialState

__version__ = "0.1.0"

__all__ = [
    "Categorical",
    "Client",
    "DeadlineExceeded",
    "Discrete",
    "Float",
    "Int",
    "InvalidArgument",
    "Objective",
    "Observation",
    "Overloaded",
    "QalamError",
    "SpaceExhausted",
    "Study",
    "Tls",
    "Trial",
    "TrialState",
    "Unauthenticated",
    "Unavailable",
    "report_metrics",
]
