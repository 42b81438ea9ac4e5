# SPDX-FileCopyrightText: The Mistral SDK authors
# SPDX-License-Identifier: Apache-2.0
"""Which modules a message may have imported: those of distributions with something for Mistral.

Each test asks an interpreter of its own, since what is imported stays imported.
"""

import pytest

ACTIONS = """
from mistral_lib import actions

class Dock(actions.Action):
    class Gate(actions.Action):
        pass

@actions.action
def moor(ship: str) -> str:
    return ship
"""
WHARF = {"wharf/__init__.py": "", "wharf/actions.py": ACTIONS, "wharf/more.py": ACTIONS}
ENTRY_POINT = "[mistral.actions]\nwharf.dock = wharf.actions:Dock\n"
NOT_LOADED = "is not loaded here, and its package has no 'mistral.*' entry point"


def test_a_class_of_a_distribution_with_an_entry_point_is_imported(install, fresh_process):
    install(WHARF, entry_points=ENTRY_POINT)
    names = fresh_process(
        """
read("warm.Up")
before = set(sys.modules)
names = [read("wharf.actions.Dock"), read("wharf.actions.Dock.Gate"), read("wharf.more.moor")]
# What declaring a typed function loads is our own affair.
answer([names, sorted(m for m in set(sys.modules) - before if m.startswith("wharf"))])
"""
    )
    assert names == [["Dock", "Dock.Gate", "moor"], ["wharf", "wharf.actions", "wharf.more"]]


@pytest.mark.parametrize(
    "group", ["mistral.actions", "mistral.generators", "mistral.action.providers", "mistral.x"]
)
def test_any_group_of_mistrals_admits_a_distribution(group, install, fresh_process):
    install(WHARF, entry_points=f"[{group}]\nx = wharf.actions:Dock\n")
    assert fresh_process('answer(read("wharf.more.Dock"))') == "Dock"


@pytest.mark.parametrize(
    "group", ["console_scripts", "mistralish.actions", "mistral", "x.mistral.y"]
)
def test_no_other_group_admits_a_distribution(group, install, fresh_process):
    install(WHARF, entry_points=f"[{group}]\nx = wharf.actions:Dock\n")
    text, loaded = fresh_process('answer([read("wharf.actions.Dock"), "wharf" in sys.modules])')
    assert NOT_LOADED in text
    assert not loaded


def test_a_distribution_without_entry_points_is_not_admitted(install, fresh_process):
    install(WHARF)
    text, loaded = fresh_process('answer([read("wharf.actions.Dock"), "wharf" in sys.modules])')
    assert NOT_LOADED in text
    assert "give it an entry point, import it first, or name it in MISTRAL_LIB_ADMIT_MOD" in text
    assert not loaded


@pytest.mark.parametrize(
    "facts", [{"record": True}, {"record": False, "top_level": "pier\nquay\n"}]
)
def test_all_top_level_packages_of_a_distribution_are_admitted(facts, install, fresh_process):
    modules = {**WHARF, "pier/__init__.py": ACTIONS, "quay.py": ACTIONS}
    install(modules, entry_points=ENTRY_POINT, **facts)
    install({"other.py": ACTIONS}, name="other")
    answers = fresh_process('answer([read(f"{m}.Dock") for m in ("pier", "quay", "other")])')
    assert answers[:2] == ["Dock", "Dock"]
    assert NOT_LOADED in answers[2]


def test_a_package_installed_for_editing_is_admitted_by_its_entry_point_alone(
    install, fresh_process
):
    install(WHARF, entry_points=ENTRY_POINT, record=False)
    assert fresh_process('answer(read("wharf.more.Dock"))') == "Dock"


def test_broken_metadata_of_one_distribution_admits_nothing_and_hides_no_other(
    install, fresh_process
):
    install({"broken.py": ACTIONS}, entry_points="[mistral.actions]\nno equals sign\n", name="aaa")
    install(WHARF, entry_points=ENTRY_POINT)
    answers = fresh_process('answer([read("broken.Dock"), read("wharf.actions.Dock")])')
    assert NOT_LOADED in answers[0]
    assert answers[1] == "Dock"


def test_modules_that_the_program_admits_are_imported_and_no_others(install, fresh_process):
    install({**WHARF, "pierside.py": ACTIONS, "pier/__init__.py": ACTIONS, "pier/sub.py": ACTIONS})
    answers = fresh_process(
        """
actions.admit_modules("wharf.actions", "pier")
answer([read(p) for p in (
    "wharf.actions.Dock", "wharf.actions.Dock.Gate", "pier.Dock", "pier.sub.Dock",
    "wharf.more.Dock", "pierside.Dock", "pie.Dock",
)])
"""
    )
    assert answers[:4] == ["Dock", "Dock.Gate", "Dock", "Dock"]
    assert all(NOT_LOADED in answer for answer in answers[4:])


def test_modules_that_the_environment_admits_are_imported_and_no_others(install, fresh_process):
    install({**WHARF, "pier.py": ACTIONS})
    answers = fresh_process(
        'answer([read(p) for p in ("wharf.more.Dock", "pier.Dock", "wharf.actions.Dock")])',
        MISTRAL_LIB_ADMIT_MODULES=" pier, ,wharf.more ",
    )
    assert answers[:2] == ["Dock", "Dock"]
    assert NOT_LOADED in answers[2]


def test_a_class_that_the_program_has_loaded_needs_no_admission(install, fresh_process):
    install(WHARF)
    assert fresh_process('import wharf.more; answer(read("wharf.more.Dock"))') == "Dock"


def test_what_only_a_start_of_the_package_runs_is_never_run(install, fresh_process):
    stop = "raise AssertionError('started')"
    install({**WHARF, "wharf/__main__.py": stop, "wharf/__init__.py": ""}, entry_points=ENTRY_POINT)
    answers = fresh_process('answer([read(f"wharf.{m}.Dock") for m in ("__main__", "__init__")])')
    assert all(NOT_LOADED in answer for answer in answers)


@pytest.mark.parametrize(
    ("code", "reason"),
    [
        ("import sys; sys.exit(3)", "SystemExit: 3"),
        ("1 / 0", "ZeroDivisionError: division by zero"),
        ("import no_such_module", "ModuleNotFoundError: No module named 'no_such_module'"),
        ("from wharf import nothing", "ImportError: cannot import name 'nothing'"),
        ("def", "SyntaxError: invalid syntax"),
    ],
)
def test_a_module_that_fails_to_import_is_a_refusal_with_the_reason(
    code, reason, install, fresh_process
):
    install({**WHARF, "wharf/bad.py": code}, entry_points=ENTRY_POINT)
    text = fresh_process('answer(read("wharf.bad.Dock"))')
    assert text.startswith("Action class 'wharf.bad.Dock': its module can't be imported here: ")
    assert reason in text


def test_a_plugin_that_is_announced_but_gone_is_a_refusal_that_says_so(install, fresh_process):
    install({}, entry_points=ENTRY_POINT)
    text = fresh_process('answer(read("wharf.actions.Dock"))')
    assert text == "Action class 'wharf.actions.Dock': its package is not installed here"


def test_a_missing_name_in_an_admitted_package_is_said_to_be_missing(install, fresh_process):
    install(WHARF, entry_points=ENTRY_POINT)
    answers = fresh_process('answer([read("wharf.actions.Duck"), read("wharf.older.Dock")])')
    assert "the module 'wharf.actions' that is installed here has no 'Duck'" in answers[0]
    assert "the module 'wharf' that is installed here has no 'older.Dock'" in answers[1]


def test_an_admitted_package_does_not_lead_to_what_it_imported_or_makes_on_demand(
    install, fresh_process
):
    package = "import os, subprocess\n\ndef __getattr__(name):\n    raise AssertionError(name)\n"
    install({**WHARF, "wharf/__init__.py": package}, entry_points=ENTRY_POINT)
    names = ["os.system", "subprocess.Popen", "Lazy", "actions.actions.Result"]
    answers = fresh_process(f"answer([read('wharf.' + name) for name in {names}])")
    refused = [answer.endswith("is no action: nothing was instantiated") for answer in answers]
    assert refused == [True, True, False, True]
    assert "has no 'Lazy'" in answers[2]


def test_refusals_import_nothing_and_read_the_disk_once(install, fresh_process):
    install(WHARF, entry_points=ENTRY_POINT)
    seen = fresh_process(
        """
import builtins, os
read("warm.Up")
before = set(sys.modules)
events = []
sys.addaudithook(lambda event, args: events.append(event) if event != "object.__getattr__" else 0)
for path in ("antigravity.Action", "nowhere.Action", "wharfish.Dock", "os.system"):
    read(path)
touched = [e for e in events if e in ("open", "import", "os.listdir", "os.scandir", "exec")]
answer([touched, sorted(set(sys.modules) - before)])
"""
    )
    assert seen == [[], []]
