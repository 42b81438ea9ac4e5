# SPDX-FileCopyrightText: The Mistral SDK authors
# SPDX-License-Identifier: Apache-2.0
"""Heat: API and engine in one process."""

from __future__ import annotations

import secrets
from typing import TYPE_CHECKING

from tools.sandbox import configuration, serving, sqlite
from tools.sandbox.cloud import LOOPBACK, REGIONS
from tools.sandbox.service import Endpoint, Service

if TYPE_CHECKING:
    import socket
    from collections.abc import Sequence

    from tools.sandbox.cloud import Cloud

__all__ = ["HEAT"]


def configure(cloud: Cloud) -> None:
    sections: configuration.Sections = {
        "DEFAULT": {
            "auth_encryption_key": secrets.token_hex(16),
            "region_name_for_services": REGIONS[0],
            "server_keystone_endpoint_type": "public",
            "stack_user_domain_name": "heat",
            "stack_domain_admin": "heat",
            "stack_domain_admin_password": cloud.passwords["heat"],
            "deferred_auth_method": "trusts",
            "trusts_delegated_roles": "",
            "num_engine_workers": 1,
            "max_stacks_per_tenant": -1,
            "enable_stack_abandon": True,
            "enable_stack_adopt": True,
            "environment_dir": configuration.shipped("heat/environment.d"),
            "template_dir": configuration.shipped("heat/templates"),
            "plugin_dirs": "",
            # Nobody serves it. Without the option it is looked for in the catalogue, and a server
            # that doesn't ask for it fails all the same.
            "heat_metadata_server_url": f"http://{LOOPBACK}:8000",
        },
        "paste_deploy": {"api_paste_config": configuration.shipped("heat/api-paste.ini")},
        "clients": {"endpoint_type": "publicURL"},
        "clients_keystone": {"auth_uri": cloud.url("keystone")},
    }
    configuration.write(
        cloud.config("heat"),
        configuration.merged(
            configuration.shared(cloud, "heat"),
            configuration.credentials(cloud, "keystone_authtoken", "trustee"),
            sections,
        ),
    )


def _arguments(cloud: Cloud) -> list[str]:
    return ["--config-file", str(cloud.config("heat"))]


def prepare(cloud: Cloud) -> None:
    from heat.cmd import manage

    sqlite.create(cloud, "heat")
    serving.command(manage.main, "heat-manage", *_arguments(cloud), "db_sync")


def serve(cloud: Cloud, sockets: Sequence[socket.socket]) -> None:
    serving.name_program("heat-api", *_arguments(cloud))
    from heat.common import config
    from heat.engine import service, template
    from heat.rpc import api as rpc
    from heat.wsgi import api
    from oslo_config import cfg

    config.startup_sanity_check()
    # What the engine's own command does before it starts; threads would do it at the same time.
    template._get_template_extension_manager()
    engine = service.EngineService(cfg.CONF.host, rpc.ENGINE_TOPIC)
    engine.start()
    serving.serve(api.application, sockets)


HEAT = Service(
    name="heat",
    packages=("openstack-heat",),
    endpoints=(Endpoint("orchestration", "/v1/%(project_id)s"),),
    configure=configure,
    prepare=prepare,
    serve=serve,
)
