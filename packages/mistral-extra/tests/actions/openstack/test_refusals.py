# SPDX-FileCopyrightText: The Mistral SDK authors
# SPDX-License-Identifier: Apache-2.0
import types

from mistral_extra.actions.openstack import refusals


def sender():
    return types.SimpleNamespace(session=types.SimpleNamespace(hooks={"response": []}))


def answer(to, status):
    response = types.SimpleNamespace(status_code=status)
    for hook in to.session.hooks["response"]:
        hook(response, timeout=1)
    return response


def test_last_response_is_noted_while_the_block_runs():
    watched = sender()
    refusals.watch(watched)
    with refusals.Noted() as noted:
        answer(watched, 200)
        last = answer(watched, 404)
    answer(watched, 500)
    assert noted.response is last
    assert noted.refusal is last


def test_refusal_that_was_followed_by_an_answer_is_none():
    watched = sender()
    refusals.watch(watched)
    with refusals.Noted() as noted:
        answer(watched, 404)
        answer(watched, 200)
    assert noted.refusal is None
    assert noted.response.status_code == 200


def test_inner_block_notes_for_itself():
    watched = sender()
    refusals.watch(watched)
    with refusals.Noted() as outer:
        with refusals.Noted() as inner:
            answer(watched, 404)
        assert outer.response is None
        answer(watched, 409)
    assert (inner.refusal.status_code, outer.refusal.status_code) == (404, 409)


def test_sender_is_watched_once():
    watched = sender()
    refusals.watch(watched)
    refusals.watch(watched)
    assert len(watched.session.hooks["response"]) == 1
