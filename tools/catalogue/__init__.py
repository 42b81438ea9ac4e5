# SPDX-FileCopyrightText: The Mistral SDK authors
# SPDX-License-Identifier: Apache-2.0
"""Makes the catalogue of OpenStack actions from the clients: ``python -m tools.catalogue``."""
