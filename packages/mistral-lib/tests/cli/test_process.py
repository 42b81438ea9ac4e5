# SPDX-FileCopyrightText: The Mistral SDK authors
# SPDX-License-Identifier: Apache-2.0
"""The command as a process: exit codes, signals, pipes and terminals."""

import os
import re
import signal
import subprocess

import pytest

# Each is a process or two.
pytestmark = pytest.mark.slow


def test_result_is_on_stdout_and_everything_else_on_stderr(probe):
    done = probe.process("run", "probe.noisy")
    assert (done.returncode, done.stdout) == (0, '"quiet"\n')
    assert done.stderr == "printed\nprinted by a child\n"


def test_exit_codes_of_success_failure_and_wrong_usage(probe):
    assert probe.process("run", "probe.measure", "path=x").returncode == 0
    assert probe.process("run", "probe.crash").returncode == 1
    assert probe.process("run", "probe.nothing").returncode == 2


def test_action_that_ignores_its_deadline_is_left_behind(probe):
    done = probe.process("run", "probe.ignore", "seconds=60", "--timeout", "0.1")
    assert (done.returncode, done.stdout) == (124, "")
    assert re.fullmatch(r"Error: Action '.*ignore' did not answer .* asked to stop\n", done.stderr)


def test_threads_of_an_action_left_behind_do_not_hold_the_process(probe):
    probe.module(
        "pooling",
        """
        import time
        from concurrent.futures import ThreadPoolExecutor
        from mistral_lib import actions

        @actions.action
        def pool():
            with ThreadPoolExecutor() as executor:
                executor.submit(time.sleep, 60).result()
        """,
    )
    assert probe.process("run", "pooling:pool", "--timeout", "0.1").returncode == 124


@pytest.fixture
def waiting(probe):
    """Start an action and return its process once it runs."""
    started = []

    def start(name):
        process = probe.start("run", name, "seconds=60", "-v")
        started.append(process)
        assert process.stderr.readline() == f"{name}: waiting\n"
        return process

    yield start
    for process in started:
        process.kill()
        process.communicate()


@pytest.mark.parametrize(
    ("number", "code"), [(signal.SIGINT, 130), (signal.SIGTERM, 143), (signal.SIGHUP, 129)]
)
def test_signal_asks_the_action_to_stop(waiting, number, code):
    process = waiting("probe.wait")
    process.send_signal(number)
    out, err = process.communicate(timeout=20)
    assert (process.returncode, out) == (code, "")
    assert err.endswith("Error: Action 'probe.wait' was interrupted\n")
    assert "Traceback" not in err


def test_second_interrupt_ends_at_once_what_does_not_stop(waiting):
    process = waiting("probe.ignore")
    process.send_signal(signal.SIGINT)
    asked = process.stderr.readline()
    assert asked.startswith("Asked 'probe.ignore' to stop; it has 5 s.")
    process.send_signal(signal.SIGINT)
    # Well below the grace it would have.
    _, err = process.communicate(timeout=4)
    assert process.returncode == 130
    assert "Traceback" not in err


def test_reader_that_goes_away_is_no_traceback(probe):
    reading, writing = os.pipe()
    os.close(reading)
    process = probe.start("list", "probe.*", stdout=writing)
    os.close(writing)
    _, err = process.communicate(timeout=20)
    assert (process.returncode, err) == (141, "")


def test_reader_of_a_long_list_may_take_its_first_line_only(site):
    points = {f"bulk.action_{i:05}": f"bulk:action_{i:05}" for i in range(10_000)}
    site.distribution("bulk", {"mistral.actions": points})
    process = site.start("list", "bulk.*", "-f", "value", "-c", "name", "-c", "target")
    assert process.stdout.readline() == "bulk.action_00000\tbulk:action_00000\n"
    process.stdout.close()
    assert (process.stderr.read(), process.wait(timeout=20)) == ("", 141)
    process.stderr.close()


def test_full_disk_is_said_in_one_line(probe):
    with open("/dev/full", "w") as full:
        process = probe.start("list", "probe.*", stdout=full)
        _, err = process.communicate(timeout=20)
    assert process.returncode == 1
    assert err == "Error: The result can't be written: No space left on device\n"


def test_closed_stdout_is_said_in_one_line(probe):
    process = probe.start("list", "probe.*", stdout=None, preexec_fn=lambda: os.close(1))
    _, err = process.communicate(timeout=20)
    assert process.returncode == 1
    assert err == "Error: Standard output is closed: there is nowhere to put the result\n"


@pytest.mark.parametrize(
    ("encoding", "format_", "expected"),
    [
        ("ascii", "json", b'"Gr\\u00fc\\u00df Gott X"\n'),
        ("latin-1", "json", b'"Gr\xfc\xdf Gott X"\n'),
        ("ascii", "value", b"Gr\\xfc\\xdf Gott X\n"),
        ("utf-8", "value", "Grüß Gott X\n".encode()),
    ],
)
def test_terminal_that_is_not_utf_8_gets_what_it_can_show(probe, encoding, format_, expected):
    variables = {"PYTHONIOENCODING": encoding, "PYTHONUTF8": "0"}
    done = probe.process(
        "run", "probe.greet", "name=X", "-f", format_, variables=variables, encoding=None
    )
    assert (done.returncode, done.stdout) == (0, expected)


def everything(terminal):
    """Read a terminal until nobody has it open for writing any more."""
    found = b""
    while True:
        try:
            part = os.read(terminal, 65536)
        except OSError:
            # What Linux says at the end.
            part = b""
        if not part:
            os.close(terminal)
            return found.decode().replace("\r\n", "\n")
        found += part


def test_progress_is_a_line_a_text_on_a_terminal_where_rich_is_not_installed(probe):
    probe.module("rich", "raise ImportError('not installed')")
    terminal, end = os.openpty()
    process = probe.start("run", "probe.wait", "seconds=0", stderr=end)
    os.close(end)
    assert everything(terminal) == "probe.wait: waiting\n"
    out, _ = process.communicate(timeout=20)
    assert (process.returncode, out) == (0, '"waited"\n')


def test_progress_is_silent_where_nobody_watches(probe):
    done = probe.process("run", "probe.wait", "seconds=0")
    assert (done.returncode, done.stdout, done.stderr) == (0, '"waited"\n', "")


def test_table_on_a_terminal_is_plain_where_rich_is_not_installed(probe):
    probe.module("rich", "raise ImportError('not installed')")
    terminal, end = os.openpty()
    process = probe.start("list", "probe.wait", stdout=end)
    os.close(end)
    expected = "NAME        DISTRIBUTION\nprobe.wait  probe-plugin 1.0\n"
    assert everything(terminal) == expected
    _, err = process.communicate(timeout=20)
    assert (process.returncode, err) == (0, "")


def test_list_imports_nothing_heavy_and_no_plugin(probe):
    script = (
        "import sys; from mistral_lib.cli import main; main(['list', 'probe.*']); "
        "print(sorted(sys.modules))"
    )
    done = subprocess.run(
        [os.sys.executable, "-c", script],
        env=probe.environment(),
        capture_output=True,
        text=True,
        check=True,
    )
    loaded = set(done.stdout.splitlines()[-1].strip("[]").replace("'", "").split(", "))
    heavy = {"probe_plugin", "rich", "yaml", "oslo_serialization", "oslo_utils", "docstring_parser"}
    assert "mistral_lib.cli.listing" in loaded
    assert loaded & heavy == set()
