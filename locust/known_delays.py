"""What `npm run bench -- calibrate --with locust` runs: a window of a fixed crowd, read by Locust.

Its last word is one line of JSON. The clock is that of the kernel (CLOCK_MONOTONIC), which the
server of known delays keeps as well: so both know which requests were in the window.
"""

import json
from os import environ
from random import random
from time import monotonic, process_time
from typing import Any

import gevent
from locust import FastHttpUser, constant, events
from locustfile import Journey, Shopper

__all__ = ["FastShopper", "Shopper"]

WARM_UP_S = float(environ.get("WARM_UP_S", "2"))
HOLD_S = float(environ.get("HOLD_S", "10"))
THINK_S = float(environ.get("THINK_S", "0.5"))


def spread(_: Any) -> None:
    """Ours start so as well: users in step would queue in Locust, and be read as slow answers."""
    gevent.sleep(random() * THINK_S)


class FastShopper(FastHttpUser):
    tasks = [Journey]


for user in (Shopper, FastShopper):
    user.wait_time = constant(THINK_S)
    user.on_start = spread


@events.test_start.add_listener
def measure(environment: Any, **_: Any) -> None:
    gevent.spawn(_measure, environment)


def _measure(environment: Any) -> None:
    stats = environment.stats
    gevent.sleep(WARM_UP_S)
    stats.reset_all()
    opened_s, cpu_s = monotonic(), process_time()
    gevent.sleep(HOLD_S)
    closed_s, cpu_s = monotonic(), process_time() - cpu_s
    total = stats.total
    percentile = total.get_response_time_percentile
    reading = {
        "openedAtMs": opened_s * 1000,
        "closedAtMs": closed_s * 1000,
        "cpuS": cpu_s,
        "requests": total.num_requests,
        "failures": total.num_failures,
        "meanMs": total.avg_response_time,
        "p50Ms": percentile(0.50),
        "p95Ms": percentile(0.95),
        "p99Ms": percentile(0.99),
    }
    print(json.dumps(reading), flush=True)
    environment.runner.quit()
