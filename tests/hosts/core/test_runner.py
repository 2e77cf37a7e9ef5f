"""Work beside the host, told on its main thread."""

from __future__ import annotations

import queue
import threading
from typing import Any

import pytest
from helpers_desk import Answer, MainThread

from roto_client.hosts import Runner
from roto_client.hosts.runner import as_roto_error


def test_work_runs_beside_and_is_told_on_the_main_thread() -> None:
    main = MainThread()
    runner, answer = Runner(main.post), Answer(main)
    runner.run(lambda stop: threading.current_thread().name, *answer.callbacks)
    assert answer.result() == "roto"


def test_nothing_is_told_before_the_main_thread_is_free() -> None:
    main = MainThread()
    runner, answer = Runner(main.post), Answer(main)
    over = threading.Event()
    runner.run(lambda stop: over.set(), *answer.callbacks)
    assert over.wait(60)
    assert answer.results == []
    answer.main.until(lambda: answer.results, "the result")


@pytest.mark.parametrize(
    ("error", "code", "said"),
    [
        (ZeroDivisionError("division by zero"), "internal", "ZeroDivisionError"),
        (PermissionError(13, "Permission denied", "/plates"), "storage_failed", "/plates"),
    ],
)
def test_whatever_breaks_is_an_error_with_a_hint(error: Exception, code: str, said: str) -> None:
    main = MainThread()
    runner, answer = Runner(main.post), Answer(main)

    def work(stop: threading.Event) -> None:
        raise error

    runner.run(work, *answer.callbacks)
    told = answer.error()
    assert told.code == code
    assert said in told.message
    assert told.hint
    assert as_roto_error(told) is told


def test_of_a_cancelled_task_nothing_is_heard() -> None:
    main = MainThread()
    runner, answer, other = Runner(main.post), Answer(main), Answer(main)
    begun = threading.Event()

    def work(stop: threading.Event) -> bool:
        begun.set()
        return stop.wait(60)

    task = runner.run(work, *answer.callbacks)
    assert begun.wait(60)
    task.cancel()
    runner.run(lambda stop: "after", *other.callbacks)
    assert other.result() == "after"
    main.pump()
    assert (answer.results, answer.errors) == ([], [])


def test_many_tasks_share_a_few_threads_and_all_are_answered() -> None:
    main = MainThread()
    runner = Runner(main.post)
    answers = [Answer(main) for _ in range(50)]
    seen: set[int] = set()
    for number, answer in enumerate(answers):

        def work(stop: threading.Event, number: int = number) -> int:
            seen.add(threading.get_ident())
            stop.wait(0.005)
            return number

        runner.run(work, *answer.callbacks)
    assert [answer.result() for answer in answers] == list(range(50))
    assert len(seen) <= 6


class Yields(queue.Queue[Any]):
    """A thread is put aside with what it took in hand, unless ``in_hand`` is set."""

    def __init__(self) -> None:
        super().__init__()
        self.takers = threading.Semaphore(0)
        self.in_hand, self.go_on = threading.Event(), threading.Event()

    def get(self, block: bool = True, timeout: float | None = None) -> Any:
        self.takers.release()
        got = super().get(block, timeout)
        if not self.in_hand.is_set():
            self.in_hand.set()
            self.go_on.wait(60)
        return got


def test_a_click_does_not_wait_behind_a_long_upload_that_a_thread_just_took() -> None:
    runner, waiting = Runner(lambda call: call()), Yields()
    runner._waiting = waiting
    waiting.in_hand.set()
    clicked = threading.Event()
    runner.run(lambda stop: None, lambda none: None, lambda error: None)
    for _ in range(2):  # the second time it is idle
        assert waiting.takers.acquire(timeout=20)
    waiting.in_hand.clear()
    runner.run(lambda stop: None, lambda none: None, lambda error: None)
    assert waiting.in_hand.wait(20)
    runner.run(lambda stop: clicked.set(), lambda none: None, lambda error: None)
    assert clicked.wait(20)
    waiting.go_on.set()
    runner.close()


def test_a_closed_runner_calls_nothing_and_takes_nothing() -> None:
    main = MainThread()
    runner, answer = Runner(main.post), Answer(main)
    begun, ended = threading.Event(), threading.Event()

    def work(stop: threading.Event) -> None:
        begun.set()
        stop.wait(60)
        ended.set()

    runner.run(work, *answer.callbacks)
    assert begun.wait(60)
    runner.close()
    assert ended.wait(60)
    assert runner.run(lambda stop: None, *answer.callbacks).stop.is_set()
    main.pump()
    assert (answer.results, answer.errors) == ([], [])
