# SPDX-FileCopyrightText: The Mistral SDK authors
# SPDX-License-Identifier: Apache-2.0
"""mistral_lib.utils.inspect_utils."""

import functools
import inspect
import subprocess
import sys
import types

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from mistral_lib import utils
from mistral_lib.utils import inspect_utils

stable = settings(derandomize=True, database=None, deadline=None, max_examples=100)

OBJECT = object()


def function(a, b=OBJECT, c=1, *args, d, e=None, f=OBJECT, **kw):
    """First line.

      indented

    last
    """


class Parent:
    inherited = 1
    replaced = 1
    turned_into_method = 1

    def documented(self):
        """Do it."""

    def turned_into_data(self):
        pass


class Described(Parent):
    """Class text."""

    public = (1,)
    nothing = None
    replaced = 2
    turned_into_data = 3
    _private = 1
    builtin = len
    function = lambda self: 1  # noqa: E731 - a function by another road
    partial_method = functools.partialmethod(print)

    class Nested:
        pass

    def __init__(self, a, b=2):
        self.a = a
        self.b = b
        self._hidden = 3

    def documented(self):
        pass

    def turned_into_method(self):
        pass

    @property
    def computed(self):
        raise ValueError("must not be asked")

    @functools.cached_property
    def cached(self):
        raise ValueError("must not be asked")

    @classmethod
    def class_method(cls, x):
        pass

    @staticmethod
    def static_method(x):
        pass


CLASS_FIELDS = {
    "Nested": Described.Nested,
    "inherited": 1,
    "nothing": None,
    "public": (1,),
    "replaced": 2,
    "turned_into_data": 3,
}


def test_public_fields_of_a_class_are_its_data_sorted_by_name():
    fields = inspect_utils.get_public_fields(Described)
    assert fields == CLASS_FIELDS
    assert list(fields) == sorted(fields)


def test_public_fields_of_an_object_include_its_own():
    described = Described(1)
    described.replaced = "mine"
    described.callback = len
    expected = CLASS_FIELDS | {"a": 1, "b": 2, "replaced": "mine"}
    assert inspect_utils.get_public_fields(described) == expected


def test_public_fields_of_an_object_include_its_slots():
    class Slotted:
        __slots__ = ("_hidden", "full", "unset")
        fixed = 1

    slotted = Slotted()
    slotted.full = slotted._hidden = 2
    assert inspect_utils.get_public_fields(slotted) == {"fixed": 1, "full": 2}
    assert inspect_utils.get_public_fields(Slotted) == {"fixed": 1}


@pytest.mark.parametrize("other", [object, object(), None, 5, int])
def test_what_has_no_public_data_has_no_fields(other):
    assert inspect_utils.get_public_fields(other) == {}


def test_argument_list_has_positional_names_only():
    assert inspect_utils.get_arg_list(function) == ["a", "b", "c"]
    assert inspect_utils.get_arg_list(lambda *args, **kw: None) == []


@pytest.mark.parametrize(
    ("func", "expected"),
    [
        (function, "a, c=1, d, e=null, **kw"),
        (lambda: None, ""),
        (lambda *args: None, ""),
        (lambda *args, **kw: None, "**kw"),
        (lambda *, a, b=2: None, "a, b=2"),
        (lambda a, b=1, /, c=2: None, "a, b=1, c=2"),
        (lambda a="x, y", b=True, c=(1, 2): None, 'a="x, y", b=true, c=[1, 2]'),
        (lambda a={"x": [1]}, b="é", c=None: None, 'a={"x": [1]}, b="\\u00e9", c=null'),
        (lambda a={1}, b=len, c={"x": OBJECT}, d=b"x": None, ""),
        (Described.__init__, "a, b=2"),
        (Described(1).__init__, "a, b=2"),
        (Described, "a, b=2"),
        (Described.static_method, "x"),
        (functools.partial(lambda a, b=1: None, 5), "b=1"),
        (len, "obj"),
    ],
)
def test_arguments_are_shown_with_defaults_as_json(func, expected):
    assert inspect_utils.get_arg_list_as_str(func) == expected


def test_a_default_that_contains_itself_is_left_out():
    itself = []
    itself.append(itself)
    assert inspect_utils.get_arg_list_as_str(lambda a=itself, b=1: None) == "b=1"


def test_a_wrapper_shows_its_own_arguments():
    @functools.wraps(function)
    def wrapper(*args, **options):
        pass

    assert inspect_utils.get_arg_list_as_str(wrapper) == "**options"


def test_a_signature_that_a_function_carries_is_believed():
    def carrying(*args):
        pass

    carrying.__signature__ = inspect.signature(lambda x, y=1: None)
    assert inspect_utils.get_arg_list(carrying) == ["x", "y"]


def test_arguments_that_a_function_carries_win():
    def carrying(a):
        pass

    carrying.__arguments__ = "x, y=1"
    assert inspect_utils.get_arg_list_as_str(carrying) == "x, y=1"
    carrying.__arguments__ = ""
    assert inspect_utils.get_arg_list_as_str(carrying) == "a"


@pytest.mark.parametrize("other", [None, 5, int])
def test_what_tells_nothing_is_refused(other):
    with pytest.raises(TypeError, match="unsupported callable"):
        inspect_utils.get_arg_list_as_str(other)


def test_the_argument_string_reads_back():
    spec = inspect_utils.parse_params_spec(
        inspect_utils.get_arg_list_as_str(lambda a, b=[1, 2], c="x, y", *, d: None)
    )
    assert spec.required == {"a", "d"}
    assert spec.order == ("a", "b", "c", "d")


def test_args_spec_is_that_of_inspect():
    assert inspect_utils.get_args_spec(function) == inspect.getfullargspec(function)


@pytest.mark.parametrize("seed", range(60))
def test_code_objects_tell_what_inspect_tells(seed):
    positional = ["self", "a", "b"][: seed % 4]
    keyword_only = ["k", "m"][: seed // 4 % 3]
    stars = (["*args"] if seed // 12 % 2 else []) or (["*"] if keyword_only else [])
    tail = ["**kw"] if seed // 24 % 2 else []
    text = ", ".join([*positional, *stars, *[f"{k}=1" for k in keyword_only], *tail])
    func = eval(f"lambda {text}: None")
    spec = inspect.getfullargspec(func)
    assert inspect_utils.get_arg_list(func) == [n for n in spec.args if n != "self"]
    shown = [n for n in spec.args if n != "self"] + [f"{n}=1" for n in spec.kwonlyargs]
    shown += [f"**{spec.varkw}"] if spec.varkw else []
    assert inspect_utils.get_arg_list_as_str(func) == ", ".join(shown)


def test_docstrings_lose_their_indentation():
    assert inspect_utils.get_docstring(function) == "First line.\n\n  indented\n\nlast"
    assert inspect_utils.get_docstring(Described) == "Class text."


def test_docstrings_are_inherited():
    class Child(Described):
        pass

    assert inspect_utils.get_docstring(Child) == "Class text."
    assert inspect_utils.get_docstring(Described.documented) == "Do it."
    assert inspect_utils.get_docstring(Described(1).documented) == "Do it."


@pytest.mark.parametrize("other", [lambda: None, Parent, type("Empty", (), {})()])
def test_what_is_not_documented_has_no_docstring(other):
    assert inspect_utils.get_docstring(other) is None


@stable
@given(st.text(alphabet=" \t\nab", max_size=40))
def test_indentation_is_taken_away_as_inspect_does_it(doc):
    documented = types.SimpleNamespace()
    documented.__doc__ = doc
    assert inspect_utils.get_docstring(documented) == inspect.cleandoc(doc)


def test_reading_a_plain_function_does_not_load_inspect():
    code = (
        "import sys\n"
        "from mistral_lib.utils import inspect_utils as i\n"
        "class C:\n    'Text.'\n    x = 1\n    def f(self, a, b=2, *, c=3, **kw): 'Text.'\n"
        "i.get_arg_list_as_str(C.f), i.get_arg_list(C.f), i.get_public_fields(C)\n"
        "i.get_docstring(C), i.get_docstring(C.f)\n"
        "sys.exit('inspect' in sys.modules)"
    )
    assert subprocess.run([sys.executable, "-c", code], check=False).returncode == 0


class Root:
    pass


class Left(Root):
    pass


class Right(Root):
    pass


class Both(Left, Right):
    pass


def test_subclasses_come_once_and_parents_first():
    assert list(utils.iter_subclasses(Root)) == [Left, Both, Right]


def test_subclasses_of_type_itself_are_found():
    class Meta(type):
        pass

    assert Meta in utils.iter_subclasses(type)


def test_only_classes_have_subclasses():
    with pytest.raises(TypeError, match="must be called with a class, not 5"):
        list(utils.iter_subclasses(5))
