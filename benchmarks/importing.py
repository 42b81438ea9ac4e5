# SPDX-FileCopyrightText: The Mistral SDK authors
# SPDX-License-Identifier: Apache-2.0
"""What importing a module costs over bare Python: ``python importing.py MODULE``.

Imports nothing that a bare interpreter has not loaded: it would be missing from the count.
"""

import sys
import time


def resident_bytes() -> int:
    """Return the memory of this process, now."""
    try:
        with open("/proc/self/statm") as statm:
            pages = int(statm.read().split()[1])
    except FileNotFoundError:
        # Not on Linux: the peak has to do.
        import resource

        peak = resource.getrusage(resource.RUSAGE_SELF).ru_maxrss
        return peak if sys.platform == "darwin" else peak * 1024
    import os

    return pages * os.sysconf("SC_PAGE_SIZE")


def main(name: str) -> None:
    memory = resident_bytes()
    modules = len(sys.modules)
    start = time.process_time()
    __import__(name)
    seconds = time.process_time() - start
    modules = len(sys.modules) - modules
    memory = resident_bytes() - memory
    print(f'{{"cpu": {seconds}, "modules": {modules}, "memory": {memory}}}')


if __name__ == "__main__":
    main(sys.argv[1])
