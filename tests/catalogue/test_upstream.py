# SPDX-FileCopyrightText: The Mistral SDK authors
# SPDX-License-Identifier: Apache-2.0
"""Every action of upstream's is here: same name, same method, same parameters."""

from mistral_extra import config
from mistral_extra.actions import generator_factory
from mistral_lib.utils import inspect_utils

#: What upstream shows of a method that has versions: the wrapper's own parameters. Any name is
#: taken then, and ``obj`` is no name that could be passed.
WRAPPER = "obj, **kwargs"


def described(upstream):
    return {name: spec for name, (_, spec) in upstream.items() if spec != WRAPPER}


def defaults(spec):
    entries = (e.partition("=") for e in inspect_utils.split_params(spec))
    return {name.strip(): default for name, equals, default in entries if equals}


def test_there_are_all_of_them(upstream):
    assert len(upstream) == 1200
    assert sum(spec == WRAPPER for _, spec in upstream.values()) == 120


def test_each_calls_the_method_that_it_always_did(upstream, descriptors):
    other = {
        name: method
        for name, (method, _) in upstream.items()
        if descriptors[name].action_class_attributes != {"client_method_name": method}
    }
    assert other == {}


def test_no_parameter_is_lost(upstream, descriptors):
    lost = {}
    for name, spec in described(upstream).items():
        theirs = inspect_utils.parse_params_spec(spec)
        ours = inspect_utils.parse_params_spec(descriptors[name].params_spec)
        if not theirs.known <= ours.known or (theirs.open and not ours.open):
            lost[name] = (spec, descriptors[name].params_spec)
    assert lost == {}


def test_nothing_is_required_that_was_not(upstream, descriptors):
    stricter = {}
    for name, spec in described(upstream).items():
        required = inspect_utils.parse_params_spec(descriptors[name].params_spec).required
        if not required <= inspect_utils.parse_params_spec(spec).required:
            stricter[name] = (spec, descriptors[name].params_spec)
    assert stricter == {}


def test_defaults_are_the_same(upstream, descriptors):
    changed = {}
    for name, spec in described(upstream).items():
        ours = defaults(descriptors[name].params_spec)
        other = {p: d for p, d in defaults(spec).items() if ours.get(p) != d}
        if other:
            changed[name] = other
    assert changed == {}


def test_methods_with_versions_show_their_own_parameters(upstream, descriptors):
    wrapped = [name for name, (_, spec) in upstream.items() if spec == WRAPPER]
    shown = {name: descriptors[name].params_spec for name in wrapped}
    assert [name for name, spec in shown.items() if spec.startswith("obj")] == []
    assert "public_key=null" in shown["nova.keypairs_create"]


def test_actions_of_services_with_regions_take_one(descriptors):
    assert "nova" in config.CONF.openstack_actions.modules_support_region
    for name, descriptor in descriptors.items():
        service = name.partition(".")[0]
        known = inspect_utils.parse_params_spec(descriptor.params_spec).known
        expected = service in config.CONF.openstack_actions.modules_support_region
        assert ("action_region" in known) is expected, name


def test_the_old_generators_make_them_too(upstream):
    made = {a["name"] for g in generator_factory.all_generators() for a in g.create_actions()}
    assert upstream.keys() - made == set()
