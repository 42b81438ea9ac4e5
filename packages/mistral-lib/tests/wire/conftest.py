# SPDX-FileCopyrightText: The Mistral SDK authors
# SPDX-License-Identifier: Apache-2.0
"""What the tests of the wire share: a plug-in, the messages, and a process of one's own."""

import json
import os
import subprocess
import sys
from pathlib import Path

import pytest

import mistral_lib
from mistral_lib import serialization

HERE = Path(__file__).parent
SOURCES = Path(mistral_lib.__file__).parents[1]

KEYS = {
    "action": "mistral_lib.actions.base.Action",
    "result": "mistral_lib.actions.types.Result",
    "context": "mistral_lib.actions.context.ActionContext",
}


@pytest.fixture(scope="session")
def harbour():
    """The plug-in's module, importable by its name."""
    path = str(HERE / "plugin")
    sys.path.insert(0, path)
    try:
        import harbour
    finally:
        sys.path.remove(path)
    yield harbour
    del sys.modules["harbour"]


@pytest.fixture(scope="session")
def wire():
    """The serializer of the process."""
    return serialization.get_polymorphic_serializer()


@pytest.fixture(scope="session")
def message():
    """Return the text of a message about an ``action``, ``result`` or ``context``."""

    def build(kind, data):
        inner = data if isinstance(data, str) else json.dumps(data)
        return json.dumps({"__serial_key": KEYS[kind], "__serial_data": inner})

    return build


@pytest.fixture
def fresh_process(tmp_path):
    """Run a script in an interpreter that has ``tmp_path`` on its path; return what it prints.

    The script has ``read(path)``, which reads an action of the class ``path`` and returns its
    class's name or the text of the refusal, and ends by calling ``answer(value)``.
    """

    def run(script, **environment):
        environment = {
            **os.environ,
            "PYTHONPATH": os.pathsep.join([str(tmp_path), str(SOURCES)]),
            "PYTHONDONTWRITEBYTECODE": "1",
            **environment,
        }
        done = subprocess.run(
            [sys.executable, "-c", _PRELUDE + script],
            env=environment,
            cwd=tmp_path,
            capture_output=True,
            text=True,
            timeout=60,
        )
        assert done.returncode == 0, done.stderr
        return json.loads(done.stdout)

    return run


_PRELUDE = """
import json, sys
from mistral_lib import actions, exceptions, serialization

def read(path):
    inner = json.dumps({"cls": path, "cls_attrs": {}, "data": {}})
    text = json.dumps({"__serial_key": "mistral_lib.actions.base.Action", "__serial_data": inner})
    try:
        return type(serialization.get_polymorphic_serializer().deserialize(text)).__qualname__
    except exceptions.DeserializationError as e:
        return str(e)

def answer(value):
    print(json.dumps(value))

"""


@pytest.fixture
def install(tmp_path):
    """Write modules, and the metadata of a distribution that has them, below ``tmp_path``."""

    def write(modules, *, entry_points=None, record=True, top_level=None, name="plugin"):
        for path, text in modules.items():
            file = tmp_path / path
            file.parent.mkdir(parents=True, exist_ok=True)
            file.write_text(text, encoding="utf-8")
        folder = tmp_path / f"{name}-1.0.dist-info"
        folder.mkdir()
        facts = {
            "METADATA": f"Metadata-Version: 2.1\nName: {name}\nVersion: 1.0\n",
            "entry_points.txt": entry_points,
            "top_level.txt": top_level,
            "RECORD": "".join(f"{p},sha256=x,1\n" for p in modules) if record else None,
        }
        for file_name, text in facts.items():
            if text is not None:
                (folder / file_name).write_text(text, encoding="utf-8")

    return write
