"""Watching ends on a signal, whoever has the signal handlers."""

import os
import signal

import pytest
from dlt.common.runtime.signals import intercepted_signals

from dbt_project.runs.watch import stop_on_signals


@pytest.mark.parametrize("number", [signal.SIGINT, signal.SIGTERM])
def test_a_signal_sets_the_event_and_its_handler_comes_back(number: signal.Signals) -> None:
    before = signal.getsignal(number)
    with stop_on_signals() as stop:
        assert not stop.is_set()
        os.kill(os.getpid(), number)
        assert stop.wait(5)
    assert signal.getsignal(number) == before


def test_a_signal_that_the_loader_swallows_still_ends_it() -> None:
    with stop_on_signals() as stop:
        with intercepted_signals():
            os.kill(os.getpid(), signal.SIGTERM)
        assert stop.wait(5)
