# SPDX-FileCopyrightText: The Mistral SDK authors
# SPDX-License-Identifier: Apache-2.0
"""What secrets cost a log line: of the run that knows them, and of everybody else.

    python benchmarks/masking.py

CPU time of the first line, which makes what finds the secrets, and of the ones after it. Targets:
50 ms for the first, 1 ms for any later one, with 1,000 secrets or 1 MB of them active.
"""

from __future__ import annotations

import contextlib
import contextvars
import logging
import secrets
import time

from mistral_lib import actions
from mistral_lib.actions import redaction

LINES = {
    "120 characters": "finished at 2026-11-30T22:00:00+00:00 in 12.5 s; " * 2
    + "GET /v2.1/servers?a=%20b",
    "1 KiB": "GET /v2.1/servers/x?a=%20b HTTP/1.1 +x 'quoted' \\n " * 20,
    "16 KiB": "finished at 2026-11-30T22:00:00+00:00 in 12.5 s\n" * 340,
}

SECRETS = {
    "one token": lambda: ["gAAAAAB" + secrets.token_urlsafe(130)],
    "1,000 tokens": lambda: ["gAAAAAB" + secrets.token_urlsafe(130) for _ in range(1000)],
    "a list of 1,000": lambda: [[secrets.token_hex(10) for _ in range(1000)]],
    "1 MB, 20,000 lines": lambda: ["\n".join(secrets.token_urlsafe(36) for _ in range(20_000))],
    "1 MB of words": lambda: ["a " * 500_000 + "!"],
    "1 MB of escapes": lambda: ["%41" * 333_333 + "!"],
    "1 MB of base64": lambda: [secrets.token_urlsafe(750_000)],
}


def main() -> None:
    """Measure and print."""
    logger = logging.Logger("bench")
    logger.addHandler(logging.NullHandler())
    print(f"{'secrets':20} {'records of':11} {'line':15} {'first, ms':>10} {'then, us':>9}")
    for name, make in SECRETS.items():
        for whose in ("the run", "others"):
            for size, line in LINES.items():
                first, then = measure(logger, line, make(), whose == "the run")
                print(f"{name:20} {whose:11} {size:15} {first * 1e3:10.2f} {then * 1e6:9.0f}")


def measure(
    logger: logging.Logger, line: str, values: list[object], mine: bool
) -> tuple[float, float]:
    """Return the seconds of the first line, and the least of those of later ones."""
    outside = contextvars.Context()
    with contextlib.ExitStack() as stack:
        for value in values:
            stack.enter_context(redaction.masking(actions.Masker([value])))
        context = contextvars.copy_context() if mine else outside
        times = []
        for _ in range(30):
            start = time.process_time()
            context.run(logger.warning, line)
            times.append(time.process_time() - start)
    return times[0], min(times[1:])


if __name__ == "__main__":
    main()
