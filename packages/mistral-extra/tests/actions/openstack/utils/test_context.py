# SPDX-FileCopyrightText: The Mistral SDK authors
# SPDX-License-Identifier: Apache-2.0
import threading

import pytest

from mistral_extra.actions.openstack.utils import context, exceptions
from mistral_lib import utils


@pytest.fixture(autouse=True)
def _no_context_left_behind():
    yield
    context.set_ctx(None)


def test_context_set_is_the_context_returned():
    request_context = object()
    context.set_ctx(request_context)
    assert context.has_ctx()
    assert context.ctx() is request_context


def test_thread_without_context_is_told_how_to_get_one():
    assert not context.has_ctx()
    with pytest.raises(
        exceptions.ApplicationContextNotFoundException, match=r"context\.set_ctx\(context\)"
    ):
        context.ctx()


def test_none_takes_the_context_away():
    context.set_ctx(object())
    context.set_ctx(None)
    assert not context.has_ctx()


def test_context_belongs_to_its_thread():
    seen = []
    context.set_ctx(object())
    thread = threading.Thread(target=lambda: seen.append(context.has_ctx()))
    thread.start()
    thread.join()
    assert seen == [False]


def test_context_lies_in_the_thread_local_that_the_server_sets():
    request_context = object()
    utils.set_thread_local("MISTRAL_APP_CTX_THREAD_LOCAL", request_context)
    assert context.ctx() is request_context
