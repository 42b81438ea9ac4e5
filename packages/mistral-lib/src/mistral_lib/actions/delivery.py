# SPDX-FileCopyrightText: The Mistral SDK authors
# SPDX-License-Identifier: Apache-2.0
"""Bring one final state to the server, over a network that fails now and then.

The loop is our own, with urllib3 below it, because its ``Retry`` decides by the status alone and
has no deadline, and this server answers 500 to what must not be repeated (measured, see
:mod:`mistral_lib.actions.completion`): an action that is complete already, and one it doesn't know.
"""

from __future__ import annotations

import dataclasses
import logging
from typing import TYPE_CHECKING

from mistral_lib.actions import redaction
from mistral_lib.actions.callback import CompletionError
from mistral_lib.utils._time import retry_after

if TYPE_CHECKING:
    from typing import Any

    import urllib3

    from mistral_lib.actions.callback import CompletionHandle

__all__ = ["DeliveryPolicy", "deliver"]

LOG = logging.getLogger(__name__)

_CUT = 300


@dataclasses.dataclass(frozen=True, slots=True)
class DeliveryPolicy:
    """How hard to try. All times are seconds.

    The defaults outlast a restart of the server's API: a result may be the work of hours.

    :param tries: at most so many.
    :param backoff: pause after the first try; it doubles with each further one. A quarter of it at
        most is left off at random, so that many jobs don't come back at the same moment.
    :param longest_pause: the pause doesn't grow beyond this. ``Retry-After`` of the server wins.
    :param deadline: no try begins later than this after the first; a pause that would cross it
        isn't begun.
    :param timeout: for connecting, and for each wait for an answer.
    :raises ValueError: fewer than one try, or a negative time.
    """

    tries: int = 10
    backoff: float = 0.5
    longest_pause: float = 30.0
    deadline: float = 180.0
    timeout: float = 30.0

    def __post_init__(self) -> None:
        times = (self.backoff, self.longest_pause, self.deadline)
        if self.tries < 1 or min(times) < 0 or self.timeout <= 0:
            raise ValueError(f"{self}: tries must be 1 or more, timeout above 0, no time negative")

    def pause_after(self, number: int) -> float:
        """Return the pause after try ``number``, which counts from 1."""
        import random

        pause = min(self.longest_pause, self.backoff * 2.0 ** min(number - 1, 32))
        return pause * random.uniform(0.75, 1.0)


def deliver(
    handle: CompletionHandle,
    state: str,
    output: str | None,
    policy: DeliveryPolicy | None = None,
) -> None:
    """Send a final state, and return when the server has recorded it.

    While this runs the token is masked in every log record of the process. Proxies that the
    environment names aren't used.

    :param output: JSON text of an object or of null; None sends no output.
    :raises CompletionError: the server refused it, or could not be reached in time.
    """
    masker = redaction.Masker([handle.token] if handle.token else [])
    with redaction.masking(masker):
        _Delivery(handle, state, output, policy or DeliveryPolicy(), masker).run()


class _Retry(Exception):
    """One try that failed in a way that may pass."""

    def __init__(self, reason: str, status: int | None = None, after: float | None = None) -> None:
        super().__init__(reason)
        self.reason = reason
        self.status = status
        self.after = after


class _Delivery:
    """The tries of one delivery."""

    def __init__(
        self,
        handle: CompletionHandle,
        state: str,
        output: str | None,
        policy: DeliveryPolicy,
        masker: redaction.Masker,
    ) -> None:
        self.handle = handle
        self.state = state
        self.output = output
        self.policy = policy
        self.masker = masker

    def run(self) -> None:
        import time

        start = time.monotonic()
        with _pool(self.handle) as pool:
            for number in range(1, self.policy.tries + 1):
                try:
                    self._put(pool)
                    return
                except _Retry as failure:
                    left = self.policy.deadline - (time.monotonic() - start)
                    pause = self.policy.pause_after(number)
                    if failure.after is not None:
                        pause = failure.after
                    if number == self.policy.tries or pause > left:
                        raise self._exhausted(failure, number) from failure.__cause__
                    LOG.warning(
                        "Delivering %s to %s failed (%s); try %d of %d in %.1f s",
                        *(self.state, self.handle.url, failure.reason),
                        *(number + 1, self.policy.tries, pause),
                    )
                time.sleep(pause)

    def _exhausted(self, failure: _Retry, number: int) -> CompletionError:
        return CompletionError(
            f"Delivering {self.state} to {self.handle.url} failed {number} "
            f"time{'s' if number > 1 else ''}, last: {failure.reason}. Deliver it again when the "
            "server is back: the handle stays good while its token does",
            "UNREACHABLE" if failure.status is None else "SERVER_ERROR",
            retryable=True,
            retry_after=failure.after,
            url=self.handle.url,
            status=failure.status,
        )

    def _put(self, pool: urllib3.PoolManager) -> None:
        """Try once; return when the server has recorded our state."""
        import json

        body: dict[str, Any] = {"state": self.state}
        if self.output is not None:
            body["output"] = self.output
        answer = self._request(pool, "PUT", json.dumps(body).encode())
        if 200 <= answer.status < 300:
            self._check_recorded(answer)
            LOG.info("Delivered %s to %s", self.state, self.handle.url)
            return
        fault = self.masker.text(_fault(answer))
        if answer.status == 409 or "is already completed" in fault:
            self._compare_with_recorded(pool, answer.status)
            return
        # Cut when masked: half a token is no longer found.
        fault = fault[:_CUT]
        self._refuse_final(answer, fault)
        after = retry_after(answer.headers.get("Retry-After"))
        raise _Retry(f"HTTP {answer.status} {fault}".rstrip(), answer.status, after)

    def _refuse_final(self, answer: urllib3.BaseHTTPResponse, fault: str) -> None:
        """Raise, unless trying again may help."""
        status = answer.status
        if "ActionExecution not found" in fault:
            raise self._final(
                "UNKNOWN_ACTION_EXECUTION",
                "the server knows no such action execution (its workflow was deleted, or this is "
                f"another cloud's server): {fault}",
                status,
            )
        if 300 <= status < 400:
            place = self.masker.text(answer.headers.get("Location", "nowhere"))
            raise self._final(
                "REDIRECTED",
                f"the server redirects to {place}, which isn't followed, to keep the token with "
                "the host it is for: pass the right URL as base_url to completion.handle",
                status,
            )
        if status == 401:
            raise self._final(
                "UNAUTHORIZED",
                "the token has expired or is not valid here: deliver with a fresh one, "
                f"handle.with_token(token). {fault}",
                status,
            )
        if status < 500 and status not in (408, 425, 429):
            hint = "no such place, see base_url of completion.handle: " if status == 404 else ""
            raise self._final("REJECTED", f"{hint}HTTP {status} {fault}".rstrip(), status)

    def _check_recorded(self, answer: urllib3.BaseHTTPResponse) -> None:
        """Compare the state in a good answer with ours: a result too large is recorded as ERROR."""
        recorded = _object(answer.data)
        if recorded.get("state", self.state) != self.state:
            # A traceback follows the first line.
            reason = str(_object(recorded.get("output")).get("result")).partition("\n")[0]
            raise self._final(
                "NOT_RECORDED",
                f"the server recorded {recorded['state']} instead: "
                f"{self.masker.text(reason)[:_CUT]}",
                answer.status,
            )

    def _compare_with_recorded(self, pool: urllib3.PoolManager, status: int) -> None:
        """Return if what is recorded is what we bring: an earlier try may have lost its answer."""
        answer = self._request(pool, "GET")
        if answer.status >= 500:
            raise _Retry(f"HTTP {answer.status} when asking what is recorded", answer.status)
        recorded = _object(answer.data) if answer.status == 200 else {}
        state = recorded.get("state", "a state that can't be read")
        result = _object(recorded.get("output")).get("result")
        if state == self.state and _canonical(result) == _canonical(_value(self.output)):
            LOG.info("%s was delivered to %s before", self.state, self.handle.url)
            return
        raise self._final(
            "ALREADY_COMPLETED",
            f"the action was completed before, with {state}"
            f"{' and another output' if state == self.state else ''}; a final state can't change",
            status,
        )

    def _request(
        self, pool: urllib3.PoolManager, method: str, body: bytes | None = None
    ) -> urllib3.BaseHTTPResponse:
        import urllib3

        headers = {"Accept": "application/json", "User-Agent": "mistral-lib"}
        if body is not None:
            headers["Content-Type"] = "application/json"
        if self.handle.token:
            headers["X-Auth-Token"] = self.handle.token
        try:
            return pool.request(
                method,
                self.handle.url,
                body=body,
                headers=headers,
                timeout=self.policy.timeout,
                retries=False,
                redirect=False,
            )
        except urllib3.exceptions.SSLError as exc:
            raise self._tls_failure(exc) from exc
        except urllib3.exceptions.HTTPError as exc:
            raise _Retry(self.masker.text(str(exc))) from exc

    def _tls_failure(self, exc: urllib3.exceptions.SSLError) -> CompletionError | _Retry:
        """A certificate or bundle that is wrong stays so; a broken handshake may pass."""
        import ssl

        reason = exc.args[0] if exc.args else exc
        untrusted = isinstance(reason, ssl.SSLCertVerificationError)
        if isinstance(reason, ssl.SSLError) and not untrusted:
            return _Retry(f"TLS failed: {reason}")
        bundle = repr(self.handle.cacert) if self.handle.cacert else "the system's bundle"
        return self._final(
            "UNTRUSTED_SERVER",
            f"the server's certificate can't be verified ({reason}): {bundle} must be readable "
            "here and hold the certificate's issuer (auth_cacert of the context)",
        )

    def _final(self, code: str, reason: str, status: int | None = None) -> CompletionError:
        url = self.handle.url
        message = f"Delivering {self.state} to {url} failed: {reason}".rstrip()
        return CompletionError(message, code, retryable=False, url=url, status=status)


def _pool(handle: CompletionHandle) -> urllib3.PoolManager:
    import os

    import urllib3

    tls: dict[str, Any] = {"cert_reqs": "CERT_NONE" if handle.insecure else "CERT_REQUIRED"}
    if handle.cacert and not handle.insecure:
        tls["ca_cert_dir" if os.path.isdir(handle.cacert) else "ca_certs"] = handle.cacert
    return urllib3.PoolManager(num_pools=1, **tls)


def _fault(answer: urllib3.BaseHTTPResponse) -> str:
    """Return what the server says went wrong: the API's form, keystonemiddleware's, or any text."""
    data = _object(answer.data)
    error = data.get("error")
    text = data.get("faultstring") or (error.get("message") if isinstance(error, dict) else None)
    if not isinstance(text, str):
        text = answer.data.decode("utf-8", "replace")
    return " ".join(text.split())


def _object(text: Any) -> dict[str, Any]:
    """Return the JSON object that ``text`` says, or an empty one."""
    value = _value(text)
    return value if isinstance(value, dict) else {}


def _value(text: Any) -> Any:
    import json

    try:
        return json.loads(text)
    except (TypeError, ValueError):
        return None


def _canonical(value: Any) -> str:
    """Return a text that is equal for equal JSON: for Python 1 and true are equal too."""
    import json

    return json.dumps(value, sort_keys=True)
