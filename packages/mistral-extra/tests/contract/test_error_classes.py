# SPDX-FileCopyrightText: The Mistral SDK authors
# SPDX-License-Identifier: Apache-2.0
"""Every error class of the libraries below the actions, raised by a client: code and retryable.

Clients copy each other's classes, so the table is by name. A class that is not in it must come out
as CLIENT_FAILED and not be worth another try: one that does not, needs a decision here.
"""

import contextlib
import importlib
import inspect
import pkgutil
import warnings

import pytest
import requests

from mistral_extra.actions.openstack import base, failures, refusals, services
from mistral_lib import exceptions

TABLE = {
    ("BAD_REQUEST", False): """
        BadRequest BadRequestException DuplicatedLeaseParameters
        ExternalIpAddressExhaustedClient HTTPBadRequest InsufficientAuthInformation
        InvalidIpForNetworkClient InvalidIpForSubnetClient MalformedRequest
        StateInvalidClient
    """,
    ("CONFLICT", False): """
        ArchivePolicyAlreadyExists ArchivePolicyRuleAlreadyExists Conflict ConflictError
        ConflictException DuplicateResource HTTPConflict
        HostNotCompatibleWithFixedIpsClient IncorrectLease
        IpAddressAlreadyAllocatedClient IpAddressGenerationFailureClient
        IpAddressInUseClient MacAddressInUseClient NamedMetricAlreadyExists
        NetworkInUseClient NeutronClientNoUniqueMatch NoUniqueMatch OverQuotaClient
        PortInUseClient ResourceAlreadyExists ResourceTypeAlreadyExists
        SecretHasConsumers TackerClientNoUniqueMatch
    """,
    ("CONNECTION_FAILED", True): """
        BadStatusLine ChunkedEncodingError CommunicationError ConnectFailure
        ConnectionError ConnectionFailed ConnectionFailure ConnectionRefused
        Disconnected IncompleteRead InvalidChunkLength MaxRetryError NameResolutionError
        NewConnectionError NotConnected ProtocolError ProxyError RemoteDisconnected
        ResponseNotChunked RetriableConnectionFailure UnknownConnectionError
    """,
    ("ENDPOINT_NOT_FOUND", False): """
        AmbiguousEndpoints CatalogException DiscoveryFailure EmptyCatalog
        EndpointException EndpointNotFound EndpointTypeNotFound InvalidDiscoveryEndpoint
        InvalidEndpoint InvalidProxyURL InvalidSchema InvalidURL LocationParseError
        LocationValueError MissingSchema ProxySchemeUnknown ServiceDiscoveryException
        URLRequired URLSchemeUnknown VersionNotAvailable
    """,
    ("FORBIDDEN", False): """
        Forbidden ForbiddenError ForbiddenException HTTPForbidden
    """,
    ("INVALID_INPUT", False): """
        EmptyInput IllegalArgumentException InvalidAttribute InvalidHeader InvalidInput
        InvalidOperation InvalidResourceQuery InvalidUsage MissingArgs PayloadException
        UnsupportedAttribute UnsupportedConsoleType UnsupportedParameters
        ValidationError ValidationException
    """,
    ("METHOD_UNKNOWN", False): """
        MethodNotImplemented MethodNotSupported VersionNotFoundForAPIMethod
    """,
    ("NOT_FOUND", False): """
        ArchivePolicyNotFound ArchivePolicyRuleNotFound GuestLogNotFoundError
        HTTPNotFound MetricNotFound NetworkNotFoundClient NoBlazarEndpoint NotFound
        NotFoundException PortNotFoundClient ResourceNotFound ResourcePropertyNotFound
        ResourceTypeNotFound
    """,
    ("OVER_LIMIT", False): """
        HTTPOverLimit OverLimit OverQuota RequestEntityTooLarge
    """,
    ("REQUEST_REFUSED", False): """
        ExpectationFailed Gone HTTPMethodNotAllowed HTTPUnsupported LengthRequired
        MethodNotAllowed NotAcceptable PaymentRequired PreconditionFailed
        ProxyAuthenticationRequired RequestUriTooLong RequestedRangeNotSatisfiable
        UnprocessableEntity UnsupportedMediaType
    """,
    ("REQUEST_TIMEOUT", True): """
        ConnectTimeout ConnectTimeoutError ConnectionTimeout ReadTimeout
        ReadTimeoutError RequestTimeout Timeout TimeoutError
    """,
    ("SERVICE_ERROR", False): """
        BlazarClientException HTTPInternalServerError HTTPNotImplemented
        HttpNotImplemented HttpVersionNotSupported InternalServerError NotImplemented
    """,
    ("SERVICE_UNAVAILABLE", True): """
        BadGateway GatewayTimeout HTTPBadGateway HTTPServiceUnavailable
        ServiceUnavailable ServiceUnavailableError
    """,
    ("TLS_FAILED", False): """
        SSLCertificateError SSLConfigurationError SSLError SslCertificateValidationError
    """,
    ("TOO_MANY_REQUESTS", True): """
        RateLimit TooManyRequests
    """,
    ("UNAUTHORIZED", False): """
        AuthPluginOptionsMissing AuthSystemNotFound AuthorizationFailure HTTPAuthError
        HTTPUnauthorized NoAuthURLProvided NotAuthorized Unauthorized UnauthorizedError
    """,
}
EXPECTED = {name: outcome for outcome, names in TABLE.items() for name in names.split()}
#: One client gives errors that it raises itself the status of a refusal.
EXCEPTIONS = {
    ("blazarclient", "CommandError"): ("UNAUTHORIZED", False),
    ("blazarclient", "UnsupportedVersion"): ("REQUEST_REFUSED", False),
    # It has two classes of the name, one below its AuthorizationFailure.
    ("cinderclient", "AuthSystemNotFound"): None,
}
PACKAGES = ["keystoneauth1", "requests", "urllib3", "http.client", "openstack", "osc_lib"]
PACKAGES += sorted({service.package for service in services.all()})
#: What the last part of a module's name has where errors are defined.
MODULES = ("exc", "error", "client", "base", "http", "service", "utils", "api_versions", "session")
#: Modules that are no part of the library; one even writes a log where it is imported.
NOT_THESE = (".tests", ".osc", ".cli", "shell", ".commands", "emscripten", "hacking", "functional")


def module_names(package):
    """Yield the names of a package's modules; a package below it is imported to look inside."""
    for info in pkgutil.iter_modules(getattr(package, "__path__", ()), f"{package.__name__}."):
        if any(part in info.name for part in NOT_THESE):
            continue
        yield info.name
        if info.ispkg:
            with contextlib.suppress(Exception):  # It needs what is not installed.
                yield from module_names(importlib.import_module(info.name))


def error_classes(package):
    """Return the error classes of a package, as far as they can be imported."""
    try:
        top = importlib.import_module(package)
    except ImportError:
        return set()
    modules = [top]
    for name in module_names(top):
        last = name.rpartition(".")[2]
        if not any(m in last for m in MODULES):
            continue
        if package in ("openstack", "osc_lib") and "exc" not in last:
            continue
        with contextlib.suppress(Exception):  # It needs what is not installed.
            modules.append(importlib.import_module(name))
    return {
        cls
        for module in modules
        for _, cls in inspect.getmembers(module, inspect.isclass)
        if issubclass(cls, Exception)
        and not issubclass(cls, Warning)
        and cls.__module__.partition(".")[0] == package.partition(".")[0]
    }


def made(cls):
    """Return an error of a class, whatever it is made of."""
    texts = "it failed", "as it", "always does", "here"
    for args in ((), *(texts[:n] for n in range(1, 5)), (404, "it failed")):
        with contextlib.suppress(Exception):  # Another number of arguments.
            return cls(*args)
    error = cls.__new__(cls)
    Exception.__init__(error, "it failed")
    return error


class Raising(base.OpenStackAction):
    """An action whose client raises what it is given."""

    client_method_name = "fail"

    def __init__(self, error):
        super().__init__()
        self.error = error

    def _create_client(self, context):
        return self

    def fail(self):
        raise self.error


@pytest.mark.slow
@pytest.mark.parametrize("package", PACKAGES)
def test_every_error_class_has_its_code_and_says_whether_to_try_again(package):
    with warnings.catch_warnings():
        warnings.simplefilter("ignore")
        classes = error_classes(package)
    if not classes:
        pytest.skip(f"{package} is not installed, or has none")
    wrong = {}
    for cls in classes:
        name = cls.__name__
        expected = EXPECTED.get(name, ("CLIENT_FAILED", False))
        expected = EXCEPTIONS.get((package, name), expected)
        with pytest.raises(exceptions.ActionException, match=r"Raising\.fail failed: ") as caught:
            Raising(made(cls)).run(None)
        outcome = (caught.value.error_code, caught.value.retryable)
        if expected not in (None, outcome):
            wrong[f"{cls.__module__}.{name}"] = outcome
    assert wrong == {}


def requested(method):
    """Return what is noted of a request that was sent."""
    noted = refusals.Noted()
    noted.request = requests.Request(method, "http://s/").prepare()
    return noted


BROKEN = [
    requests.ConnectionError("Connection aborted."),
    requests.exceptions.ChunkedEncodingError("Connection broken"),
    ConnectionResetError("reset by peer"),
    requests.ReadTimeout("no answer"),
    importlib.import_module("urllib3").exceptions.ProtocolError("broken"),
]


@pytest.mark.parametrize("error", BROKEN, ids=lambda e: type(e).__name__)
def test_a_request_that_may_have_been_obeyed_is_not_worth_another_try(error):
    call = failures.Call("A", "m")
    assert failures.of(error, call, requested("GET")).retryable
    assert not failures.of(error, call, requested("POST")).retryable
    assert not failures.of(error, call, requested("DELETE")).retryable


def test_a_request_that_was_never_sent_is_worth_another_try():
    call = failures.Call("A", "m")
    new = importlib.import_module("urllib3").exceptions
    refused = new.NewConnectionError(None, "refused")
    for error in (
        requests.ConnectTimeout("no connection"),
        requests.ConnectionError(new.MaxRetryError(None, "/", refused)),
        ConnectionRefusedError("refused"),
    ):
        assert failures.of(error, call, requested("POST")).retryable, error


@pytest.mark.parametrize(("status", "retryable"), [(502, False), (503, True), (504, False)])
def test_a_gateway_that_lost_the_service_may_have_reached_it(status, retryable):
    error = requests.HTTPError("bad gateway")
    error.response = requests.Response()
    error.response.status_code = status
    call = failures.Call("A", "m")
    assert failures.of(error, call, requested("POST")).retryable is retryable
    assert failures.of(error, call, requested("GET")).retryable


def test_a_certificate_deep_below_is_no_lost_connection():
    new = importlib.import_module("urllib3").exceptions
    error = requests.ConnectionError(new.MaxRetryError(None, "/", new.SSLError("unknown CA")))
    failure = failures.of(error, failures.Call("A", "m"), requested("GET"))
    assert (failure.error_code, failure.retryable) == ("TLS_FAILED", False)


class ValidationError(Exception):
    """As clients have it, for parameters and for answers."""


def test_what_is_not_valid_of_an_answer_is_no_fault_of_the_parameters():
    call, noted = failures.Call("A", "m"), refusals.Noted()
    error = ValidationError("it must be an object")
    assert failures.of(error, call, noted).error_code == "INVALID_INPUT"
    noted.response = requests.Response()
    noted.response.status_code = 200
    noted.response.request = requests.Request("GET", "http://s/").prepare()
    noted.response._content = b"[]"
    assert failures.of(error, call, noted).error_code == "CLIENT_FAILED"
