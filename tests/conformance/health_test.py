"""What probes and tools ask: grpc.health.v1 and server reflection. Their messages are small enough to be written by hand."""

import unittest

import grpc

from contract import ADDRESS, ContractTest, Server

SERVING = b"\x08\x01"
SERVICE_UNKNOWN = b"\x08\x03"
# What Kubernetes' probe of a suggestion pod asks is not the name of the gRPC service.
SERVED = ["", "manager.v1beta1.Suggestion", "api.v1.beta1.Suggestion", "api.v1.beta1.EarlyStopping", "api.v1.beta1.DBManager",
          "grpc.health.v1.Health"]


def text_field(number, text):
    return bytes([number << 3 | 2, len(text)]) + text.encode()


def request_for(service):
    return text_field(1, service) if service else b""


def check(channel, service):
    return channel.unary_unary("/grpc.health.v1.Health/Check")(request_for(service), timeout=60)


class HealthTest(ContractTest):
    def watch(self, service):
        call = self.channel.unary_stream("/grpc.health.v1.Health/Watch")(request_for(service), timeout=60)
        try:
            return next(call)
        finally:
            call.cancel()

    def test_every_service_is_serving(self):
        for service in SERVED:
            with self.subTest(service=service):
                self.assertEqual(check(self.channel, service), SERVING)
                self.assertEqual(self.watch(service), SERVING)

    def test_other_names_are_not_known(self):
        for service in ("api.v1.beta1.Nothing", "manager.v1beta1.DBManager", "grpc.health.v1.1.Health"):
            with self.subTest(service=service):
                with self.assertRaises(grpc.RpcError) as raised:
                    check(self.channel, service)
                self.assertEqual(raised.exception.code(), grpc.StatusCode.NOT_FOUND)
                self.assertEqual(self.watch(service), SERVICE_UNKNOWN)

    def test_reflection_names_the_services_and_describes_them(self):
        ask = self.channel.stream_stream("/grpc.reflection.v1alpha.ServerReflection/ServerReflectionInfo")
        listing, described = list(ask(iter([text_field(7, "*"), text_field(4, "api.v1.beta1.DBManager")]), timeout=60))
        for service in ("api.v1.beta1.Suggestion", "api.v1.beta1.EarlyStopping", "api.v1.beta1.DBManager",
                        "grpc.health.v1.Health"):
            self.assertIn(service.encode(), listing)
        self.assertIn(b"ReportObservationLogRequest", described)

    def test_an_unknown_method_is_unimplemented(self):
        for method in ("/api.v1.beta1.Suggestion/Nothing", "/api.v1.beta1.Manager/GetSuggestions"):
            with self.assertRaises(grpc.RpcError) as raised:
                self.channel.unary_unary(method)(b"", timeout=60)
            self.assertEqual(raised.exception.code(), grpc.StatusCode.UNIMPLEMENTED)


@unittest.skipIf(ADDRESS, "starts servers of its own")
class StandInTest(unittest.TestCase):
    """A copy that serves one contract stands in for one of Katib's images."""

    # services -> what its probe asks, and what it does not serve
    COPIES = [("suggestion", "manager.v1beta1.Suggestion", "api.v1.beta1.DBManager"),
              ("early-stopping", "api.v1.beta1.EarlyStopping", "api.v1.beta1.Suggestion"),
              ("db", "", "api.v1.beta1.EarlyStopping")]

    def test_it_is_healthy_for_what_it_serves_only(self):
        for services, asked, absent in self.COPIES:
            with self.subTest(services=services):
                server = Server("--services", services)
                self.addCleanup(server.close)
                with grpc.insecure_channel(server.address) as channel:
                    self.assertEqual(check(channel, asked), SERVING)
                    with self.assertRaises(grpc.RpcError) as raised:
                        check(channel, absent)
                    self.assertEqual(raised.exception.code(), grpc.StatusCode.NOT_FOUND)


if __name__ == "__main__":
    unittest.main()
