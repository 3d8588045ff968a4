"""The figures of a watch as metrics for Prometheus."""

from __future__ import annotations

import threading
from typing import TYPE_CHECKING, Final

from prometheus_client import CollectorRegistry, start_http_server
from prometheus_client.core import CounterMetricFamily, GaugeMetricFamily
from prometheus_client.registry import Collector

from kafkaview.triage.group_watch.figures import WatchFigures

if TYPE_CHECKING:
    from collections.abc import Iterator
    from wsgiref.simple_server import WSGIServer

    from prometheus_client.metrics_core import Metric

_HERE: Final = "127.0.0.1"
_PREFIX: Final = "kafkaview_watch"


def parse_address(text: str) -> tuple[str, int]:
    """Returns host and port of `HOST:PORT`, `:PORT` or `PORT`; without a host only this computer can ask. ValueError
    says what is wrong.
    """
    host, colon, port = text.rpartition(":")
    if not port.isdecimal() or int(port) > 65_535 or (colon and host.count(":") and not host.startswith("[")):
        raise ValueError(f"'{text}' is no address for metrics: HOST:PORT, or PORT on {_HERE}")
    return host.strip("[]") or _HERE, int(port)


class WatchMetrics:
    """Answers Prometheus with the figures of one watch, on a thread of its own. Raises OSError where the address cannot
    be had.
    """

    def __init__(self, address: tuple[str, int], group: str) -> None:
        self._figures = _FigureCollector(group)
        registry = CollectorRegistry()
        registry.register(self._figures)
        host, port = address
        self._server: WSGIServer
        self._server, self._thread = start_http_server(port, host, registry)

    @property
    def address(self) -> tuple[str, int]:
        """Host and port; the port is chosen by the system where it was 0."""
        host, port = self._server.socket.getsockname()[:2]
        return host, port

    def show(self, figures: WatchFigures) -> None:
        """Answers with these figures from now on."""
        self._figures.show(figures)

    def close(self) -> None:
        """Answers no more."""
        self._server.shutdown()
        self._server.server_close()
        self._thread.join()


class _FigureCollector(Collector):
    """Turns figures into families of metrics. They are copied when they are shown, for another thread reads them."""

    def __init__(self, group: str) -> None:
        self._group = group
        self._lock = threading.Lock()
        self._families: list[Metric] = []

    def show(self, figures: WatchFigures) -> None:
        families = list(self._make(figures))
        with self._lock:
            self._families = families

    def collect(self) -> Iterator[Metric]:
        with self._lock:
            families = self._families
        yield from families

    def _make(self, figures: WatchFigures) -> Iterator[Metric]:
        group = self._group
        up = GaugeMetricFamily(f"{_PREFIX}_up", "1 while the group is read, 0 while it cannot be.", labels=["group"])
        up.add_metric([group], float(figures.up))
        yield up
        records = CounterMetricFamily(f"{_PREFIX}_records", "Records held to the rules.", labels=["group", "topic"])
        for topic, count in figures.records.items():
            records.add_metric([group, topic], count)
        yield records
        findings = CounterMetricFamily(
            f"{_PREFIX}_findings", "Violations of a rule.", labels=["group", "topic", "rule"]
        )
        for (topic, rule), count in figures.findings.items():
            findings.add_metric([group, topic, rule], count)
        yield findings
        copied = CounterMetricFamily(
            f"{_PREFIX}_copied", "Records copied to the dead letter queue.", labels=["group", "topic"]
        )
        for topic, count in figures.copied.items():
            copied.add_metric([group, topic], count)
        yield copied
        lag = GaugeMetricFamily(
            f"{_PREFIX}_lag", "Offsets that are not read yet.", labels=["group", "topic", "partition"]
        )
        held = GaugeMetricFamily(
            f"{_PREFIX}_held", "1 where a partition stands at a record.", labels=["group", "topic", "partition"]
        )
        for place, behind in figures.lag.items():
            labels = [group, place.topic, str(place.partition)]
            if behind is not None:
                lag.add_metric(labels, behind)
            held.add_metric(labels, float(place in figures.held))
        yield from (lag, held)
