"""Signals: the first sets a flag, the second leaves; handlers come back."""

import os
import signal
import subprocess
import sys
import threading

import pytest

from striate.training.interrupt import Interrupt, Stopped


@pytest.mark.parametrize("number", [signal.SIGINT, signal.SIGTERM])
def test_the_first_signal_only_asks(number):
    before = signal.getsignal(number)
    with Interrupt() as interrupt:
        interrupt.check()
        os.kill(os.getpid(), number)
        assert interrupt.signal == number
        with pytest.raises(Stopped):
            interrupt.check()
    assert signal.getsignal(number) is before


def test_the_second_leaves_at_once_with_its_number():
    code = (
        "import os, signal\nfrom striate.training.interrupt import Interrupt\n"
        "with Interrupt():\n"
        "    os.kill(os.getpid(), signal.SIGINT)\n    print('still here', flush=True)\n"
        "    os.kill(os.getpid(), signal.SIGINT)\n    print('never', flush=True)\n"
    )
    done = subprocess.run([sys.executable, "-c", code], capture_output=True, text=True, timeout=60)
    assert (done.returncode, done.stdout) == (130, "still here\n")


def test_in_another_thread_it_listens_to_nothing():
    seen = []

    def work():
        with Interrupt() as interrupt:
            seen.append(interrupt.signal)

    thread = threading.Thread(target=work)
    thread.start()
    thread.join()
    assert seen == [None]
