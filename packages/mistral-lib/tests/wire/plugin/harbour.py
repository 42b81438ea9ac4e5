# SPDX-FileCopyrightText: The Mistral SDK authors
# SPDX-License-Identifier: Apache-2.0
"""A third party's plug-in, importable by name as the wire needs it."""

from mistral_lib import actions


class Berth(actions.Action):
    """The plain case: parameters kept in attributes."""

    def __init__(self, ship, length=None):
        self.ship = ship
        self.length = length

    def run(self, context):
        return f"{self.ship} is in"


class Tariff(actions.Action):
    """With class fields, of which the public ones travel."""

    currency = "EUR"
    steps = {"small": [1, 2.5], "large": None}  # noqa: RUF012 - as plug-ins write it
    _rounding = 2

    @property
    def total(self):
        return 1

    @classmethod
    def default(cls):
        return cls()

    @staticmethod
    def round(value):
        return value

    def run(self, context):
        return self.currency


class Quay:
    class Crane(actions.Action):
        """Nested."""

        def run(self, context):
            return "up"


class Service(actions.Action):
    """Stands behind generated classes, the way OpenStack's services do."""

    method_name = None

    def __init__(self, **params):
        self._params = params

    def run(self, context):
        return self.method_name


def generate(method_name):
    """Return a class that no module has under its name."""
    return type(f"Service_{method_name}", (Service,), {"method_name": method_name})


class Pilot(Service):
    """A third party's own subclass of a service."""

    def run(self, context):
        return "piloted"


@actions.action
def weigh(ship: str, tonnes: float = 1.5, *, tags: list[str] | None = None) -> float:
    """Weigh a ship."""
    return tonnes


@actions.hidden("key")
class Lock(actions.Action):
    def __init__(self, key):
        self.key = key

    def run(self, context):
        raise actions.ActionException(f"{self.key} does not fit")


class Recorder(actions.Action):
    """Knows when one was made."""

    field = 1
    made = []  # noqa: RUF012 - shared on purpose

    def __new__(cls, *args, **kwargs):
        cls.made.append("__new__")
        return super().__new__(cls)

    def __init__(self):
        self.made.append("__init__")

    def run(self, context):
        return None


class Needy(actions.Action):
    """Can't be made without a parameter."""

    def __new__(cls, ship):
        return super().__new__(cls)


class NoAction:
    made = []  # noqa: RUF012 - shared on purpose

    def __init__(self):
        self.made.append("__init__")

    def run(self, context):
        return None


def plain_function():
    raise AssertionError("a message called a function")


class _Proxy:
    """Stands for something else, which it would have to load first."""

    touched = []  # noqa: RUF012 - shared on purpose

    def __getattribute__(self, name):
        _Proxy.touched.append(name)
        return object.__getattribute__(self, name)


proxy = _Proxy()
