# SPDX-FileCopyrightText: The Mistral SDK authors
# SPDX-License-Identifier: Apache-2.0
"""What a redirect asks for, and what of the request goes along."""

from __future__ import annotations

import dataclasses
from urllib.parse import urljoin

from mistral_extra.actions.http import errors, message
from mistral_extra.actions.http.message import Outgoing
from mistral_extra.actions.network.texts import one_line
from mistral_lib import actions

__all__ = ["following"]

_STATUSES = frozenset((301, 302, 303, 307, 308))

#: All that another server gets to see. Whatever else the author wrote was written for the first.
_HARMLESS = frozenset(("accept", "accept-encoding", "accept-language", "user-agent"))


def following(outgoing: Outgoing, status: int, location: str | None) -> Outgoing | None:
    """Return the request that an answer redirects to; None where it is no redirect.

    :raises RedirectRefused: it leads to no http(s) URL, would give the body to another server, or
        would change a request that is binding.
    """
    if status not in _STATUSES or not location:
        return None
    try:
        url = message.parse(urljoin(outgoing.url.url, location))
    except (actions.InvalidInput, ValueError) as e:
        raise _refused(outgoing, location, "leads to no http(s) URL that could be followed") from e
    redirected = dataclasses.replace(outgoing, url=url)
    if status == 303 or (status in (301, 302) and outgoing.method == "POST"):
        redirected = _without_body(redirected)
    same = redirected.origin == outgoing.origin
    if outgoing.binding and not (same and redirected.method == outgoing.method):
        raise _refused(outgoing, location, "would not be the same request any more")
    if same:
        return redirected
    if redirected.body is not None:
        raise _refused(outgoing, location, "would give the request's body to another server")
    harmless = {name: v for name, v in redirected.headers.items() if name.lower() in _HARMLESS}
    tls = outgoing.tls and dataclasses.replace(outgoing.tls, certificate=None)
    return dataclasses.replace(redirected, headers=harmless, tls=tls)


def _without_body(outgoing: Outgoing) -> Outgoing:
    """Return the request that asks for the result of the one before."""
    headers = {
        name: value
        for name, value in outgoing.headers.items()
        if not name.lower().startswith("content-")
    }
    method = "HEAD" if outgoing.method == "HEAD" else "GET"
    return dataclasses.replace(outgoing, method=method, headers=headers, body=None)


def _refused(outgoing: Outgoing, location: str, why: str) -> errors.RedirectRefused:
    see = "" if outgoing.binding else ", or set max_redirects to 0 and see the answer"
    return errors.RedirectRefused(
        f"{outgoing.shown} redirects by what {why}: request the right URL{see}",
        details={"url": outgoing.shown, "location": one_line(location)},
    )
