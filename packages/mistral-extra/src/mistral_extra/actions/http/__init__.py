# SPDX-FileCopyrightText: The Mistral SDK authors
# SPDX-License-Identifier: Apache-2.0
"""``http.request`` and ``http.request_async``: HTTP as steps of a workflow."""
