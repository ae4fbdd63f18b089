"""Lets programs that report with Katib's SDK (kubeflow-katib) do so in a trial of `qalam run`.

    python3 -m qalam.katib train.py ARGUMENTS      runs train.py as it is
    qalam.katib.enable()                           the same from inside a program, before its first report

Katib's `report_metrics` reads the namespace of the pod that it takes for granted, and calls a name that only a cluster
knows. With this it takes the namespace "default" where there is no pod, and $QALAM_ADDR where no address is given.
"""

from __future__ import annotations

import os
import runpy
import sys
from typing import Any

from ._channel import is_local


def enable() -> None:
    """ImportError: kubeflow-katib is not installed. May be called again. Changes nothing in a pod with a namespace."""
    from kubeflow.katib.api.report_metrics import report_metrics
    from kubeflow.katib.constants import constants
    from kubeflow.katib.utils import utils

    namespace_of_pod = utils.get_current_k8s_namespace

    def namespace() -> Any:
        try:
            return namespace_of_pod()
        except OSError:
            return "default"

    utils.get_current_k8s_namespace = namespace
    address = os.environ.get("QALAM_ADDR")
    if not address:
        return
    report_metrics.__defaults__ = tuple(address if value == constants.DEFAULT_DB_MANAGER_ADDRESS else value
                                        for value in report_metrics.__defaults__ or ())
    if is_local(address):  # gRPC would ask a proxy even for this machine
        hosts = os.environ.get("no_grpc_proxy") or os.environ.get("no_proxy") or ""
        os.environ["no_grpc_proxy"] = ",".join(filter(None, [hosts, address.rsplit(":", 1)[0]]))


def main() -> None:
    if len(sys.argv) < 2 or sys.argv[1].startswith("-"):
        sys.exit("usage: python3 -m qalam.katib PROGRAM.py [ARGUMENTS]")
    enable()
    del sys.argv[0]
    sys.path[0] = os.path.dirname(os.path.abspath(sys.argv[0]))
    runpy.run_path(sys.argv[0], run_name="__main__")


if __name__ == "__main__":
    main()
