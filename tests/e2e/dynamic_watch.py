"""Follows config maps with the dynamic client of the Python package kubernetes and prints what it is told, as
tests/reflector does: dynamic_watch.py KUBECONFIG. Whenever the connection is lost it goes on from the last version it saw."""

import sys
import time

import urllib3
from kubernetes import config, dynamic


def main():
    client = config.new_client_from_config(sys.argv[1])
    while True:
        try:
            maps = dynamic.DynamicClient(client).resources.get(api_version="v1", kind="ConfigMap")
            listed = maps.get(namespace="default")
            break
        except urllib3.exceptions.HTTPError:
            time.sleep(0.1)
    print("LIST", len(listed.items), flush=True)
    version = listed.metadata.resourceVersion
    words = {"ADDED": "ADD", "MODIFIED": "UPDATE", "DELETED": "DELETE"}
    while True:
        try:
            for event in maps.watch(namespace="default", resource_version=version, timeout=60):
                metadata = event["object"].metadata
                version = metadata.resourceVersion
                print(words[event["type"]], metadata.name, version, flush=True)
        except urllib3.exceptions.HTTPError:
            time.sleep(0.1)  # the server is away


main()
