# SPDX-FileCopyrightText: The Mistral SDK authors
# SPDX-License-Identifier: Apache-2.0
"""What in the installed clients opens files, programs or connections of its own, by their sources.

Each function that does has been read, and what closes it to a workflow's author is told here. A
client's next release that adds another fails the test: read it, close it, add it.
"""

import ast
import re
from importlib.util import find_spec
from pathlib import Path

import pytest

from mistral_extra.actions.openstack import services

pytestmark = pytest.mark.slow

#: Calls that open something, by their last names.
OPENING = re.compile(
    r"(io\.)?open|"
    r"(os\.)?(fdopen|link|listdir|makedirs|mkdir|open|popen|remove|rename|replace|rmdir|scandir|"
    r"stat|symlink|system|unlink|utime|walk)|"
    r"(os\.)?(path\.)?(exists|getmtime|getsize|isdir|isfile)|"
    r"(shutil|subprocess|tempfile)\.\w+|"
    r"([\w.]+\.)?(create_connection|urlopen|urlretrieve|read_bytes|read_text|write_bytes|write_text)|"
    r"requests\.(delete|get|head|options|patch|post|put|request|Session)"
)

#: What serves a command line, and is imported by nothing else.
COMMANDS = re.compile(
    r"/(tests?|functional|functionaltests|osc|barbican_cli|cli)/|/\w*shell\w*\.py|/\w+_cli\.py|"
    r"/(neutronclient/neutron|tackerclient/tacker|mistralclient/commands|troveclient/compat)/|"
    r"/freezerclient/v[12]/(actions|backups|clients|jobs|sessions)\.py"
)

COMPLETION = "the names come from class and identity; nothing of a parameter"
SESSION = "sends through keystoneauth's session, or is made for a session that we bring"
NOT_CALLED = "called by the command line alone"
WITHOUT_KEYSTONE = "another way to log in; the clients here have a session"
CA_FILE = "looks for the system's authorities at fixed paths"

REVIEWED = {
    "blazarclient.base:RequestManager.request": SESSION,
    "cinderclient.base:Manager.completion_cache": COMPLETION,
    "cinderclient.client:HTTPClient.request": SESSION,
    "cinderclient.client:get_server_version": NOT_CALLED,
    "freezerclient.utils:doc_from_json_file": NOT_CALLED,
    "glanceclient.common.http:HTTPClient.__init__": SESSION,
    "glanceclient.common.utils:get_data_file": NOT_CALLED,
    "glanceclient.common.utils:save_image": NOT_CALLED,
    "heatclient.common.http:HTTPClient._http_request": SESSION,
    "heatclient.common.http:get_system_ca_file": CA_FILE,
    "heatclient.common.template_utils:get_template_contents": NOT_CALLED,
    "heatclient.common.template_utils:process_environment_and_files": NOT_CALLED,
    "heatclient.common.utils:read_url_content": NOT_CALLED,
    "ironicclient.common.filecache:_get_cache": "the path is fixed; keys are host and port",
    "ironicclient.common.filecache:retrieve_data": "the path is fixed; keys are host and port",
    "ironicclient.common.utils:handle_json_or_file_arg": NOT_CALLED,
    "ironicclient.common.utils:make_configdrive": "content_parameters: a folder is never handed on",
    "ironicclient.common.utils:tempdir": "of make_configdrive",
    "ironicclient.v1.create_resources:load_from_file": NOT_CALLED,
    "ironicclient.v1.node:NodeManager.set_provision_state": "content_parameters: bytes alone",
    "keystoneclient.common.cms:_check_files_accessible": NOT_CALLED,
    "keystoneclient.common.cms:cms_sign_data": NOT_CALLED,
    "keystoneclient.common.cms:cms_verify": NOT_CALLED,
    "keystoneclient.httpclient:_FakeRequestSession.request": SESSION,
    "keystoneclient.session:Session.__init__": SESSION,
    "magnumclient.common.httpclient:VerifiedHTTPSConnection.connect": SESSION,
    "magnumclient.common.httpclient:VerifiedHTTPSConnection.get_system_ca_file": CA_FILE,
    "magnumclient.common.utils:_config_cluster_kubernetes": NOT_CALLED,
    "magnumclient.common.utils:handle_json_from_file": NOT_CALLED,
    "manilaclient.base:Manager.completion_cache": COMPLETION,
    "manilaclient.common.httpclient:HTTPClient.request": SESSION,
    "manilaclient.config:": "its own tests' configuration",
    "mistralclient.api.httpclient:HTTPClient.__init__": SESSION,
    "mistralclient.auth.keycloak:KeycloakAuthHandler._authenticate_with_password": WITHOUT_KEYSTONE,
    "mistralclient.auth.keycloak:get_system_ca_file": CA_FILE,
    "mistralclient.utils:get_contents_if_file": "borrowing: definitions are taken as they are",
    "mistralclient.utils:load_file": NOT_CALLED,
    "mistralclient.utils:load_json": NOT_CALLED,
    "neutronclient.client:HTTPClient.request": SESSION,
    "novaclient.base:Manager.completion_cache": COMPLETION,
    "novaclient.crypto:decrypt_password": "content_parameters: a file of ours holds the key",
    "swiftclient.service:SwiftService._create_dir_marker_job": "services.swift: of our own paths",
    "swiftclient.service:SwiftService._download_object_job": "services.swift: never called",
    "swiftclient.service:SwiftService._is_identical": "services.swift: of our own paths",
    "swiftclient.service:SwiftService._upload_object_job": "services.swift: of our own paths",
    "swiftclient.service:SwiftService._upload_segment_job": "services.swift: of our own paths",
    "swiftclient.service:SwiftService.upload": "services.swift: of our own paths",
    "swiftclient.service:mkdirs": "services.swift: never called",
    "tackerclient.client:HTTPClient.request": SESSION,
    "troveclient.apiclient.client:HTTPClient.__init__": SESSION,
    "troveclient.base:Manager.completion_cache": COMPLETION,
    "troveclient.client:HTTPClient.request": SESSION,
    "troveclient.v1.instances:Instances.log_save": "no action has it: docs/permissions.rst",
    "troveclient.v1.instances:Instances.module_retrieve": "services.trove: never called",
    "vitrageclient.auth:VitrageKeycloakPlugin._authenticate_keycloak": WITHOUT_KEYSTONE,
    "vitrageclient.v1.template:Template._load_yaml_file": "content_parameters: text alone",
    "vitrageclient.v1.template:Template._load_yaml_files": "content_parameters: text alone",
    "watcherclient.common.httpclient:HTTPClient.__init__": SESSION,
    "watcherclient.common.httpclient:VerifiedHTTPSConnection.connect": SESSION,
    "watcherclient.common.httpclient:VerifiedHTTPSConnection.get_system_ca_file": CA_FILE,
    "watcherclient.common.utils:serialize_file_to_dict": NOT_CALLED,
    "zaqarclient.transport.ws:WebsocketTransport._create_connection": "services: HTTP alone",
    "zunclient.common.httpclient:VerifiedHTTPSConnection.connect": SESSION,
    "zunclient.common.httpclient:VerifiedHTTPSConnection.get_system_ca_file": CA_FILE,
    "zunclient.common.template_utils:get_template_contents": NOT_CALLED,
    "zunclient.common.utils:parse_mounts": NOT_CALLED,
    "zunclient.common.websocketclient.websocketclient:WebSocketClient.connect": "for terminals",
    "zunclient.common.websocketclient.websocketclient:WebSocketClient.get_system_ca_file": CA_FILE,
}

#: Each function of these sends its request so, through what services.borrowing puts there; the
#: client of the API's first version, which older releases have, is never made.
NOT_READ = ("freezerclient.v2.managers.", "freezerclient.v1.")


def opening_functions(path):
    """Yield the name of each function, or '' for the module, in which something is opened."""

    def visit(node, names):
        if isinstance(node, ast.FunctionDef | ast.AsyncFunctionDef | ast.ClassDef):
            names = [*names, node.name]
        if isinstance(node, ast.Call) and OPENING.fullmatch(ast.unparse(node.func)):
            yield ".".join(names)
        for child in ast.iter_child_nodes(node):
            yield from visit(child, names)

    yield from visit(ast.parse(path.read_text(encoding="utf-8")), [])


@pytest.mark.parametrize("package", sorted({s.package for s in services.all()}))
def test_whatever_opens_something_was_read(package, imported_clients):
    spec = find_spec(package)
    if spec is None:
        pytest.skip(f"{package} is not installed")
    root = Path(spec.submodule_search_locations[0])
    unread = set()
    for path in root.rglob("*.py"):
        if COMMANDS.search(path.as_posix()):
            continue
        module = ".".join(path.relative_to(root.parent).with_suffix("").parts)
        if module.startswith(NOT_READ):
            continue
        found = {f"{module}:{function}" for function in opening_functions(path)}
        unread |= found - REVIEWED.keys()
    assert sorted(unread) == []


@pytest.mark.parametrize("name", [n for n, why in REVIEWED.items() if why == NOT_CALLED])
def test_what_the_command_line_alone_calls_is_called_by_nothing_else(name, imported_clients):
    module, _, function = name.partition(":")
    package = module.partition(".")[0]
    if find_spec(package) is None:
        pytest.skip(f"{package} is not installed")
    root = Path(find_spec(package).submodule_search_locations[0])
    unused = {n.partition(":")[0] for n, why in REVIEWED.items() if why == NOT_CALLED}
    own = {root.parent.joinpath(*m.split(".")).with_suffix(".py") for m in unused | {module}}
    call = re.compile(rf"\b{function.rpartition('.')[2]}\(")
    callers = [
        path
        for path in root.rglob("*.py")
        if path not in own
        and not COMMANDS.search(path.as_posix())
        and call.search(path.read_text(encoding="utf-8"))
    ]
    assert callers == []


def test_there_is_something_to_read():
    source = Path(find_spec("ironicclient").submodule_search_locations[0]) / "v1" / "node.py"
    assert "NodeManager.set_provision_state" in set(opening_functions(source))
