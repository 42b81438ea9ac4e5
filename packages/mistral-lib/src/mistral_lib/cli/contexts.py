# SPDX-FileCopyrightText: The Mistral SDK authors
# SPDX-License-Identifier: Apache-2.0
"""The extension point for options of ``mistral-action run`` that say who runs the action."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

if TYPE_CHECKING:
    from collections.abc import Mapping

    import click

    from mistral_lib.actions.context import ActionContext

__all__ = ["GROUP", "ContextSource"]

#: Entry point group of context sources: each names a subclass of :class:`ContextSource`.
GROUP = "mistral_lib.cli.contexts"


class ContextSource:
    """Gives ``mistral-action run`` options of its own, and makes an action's context of them.

    Derive a class, and announce it in your package:

    .. code-block:: toml

        [project.entry-points."mistral_lib.cli.contexts"]
        acme = "acme.contexts:AcmeSource"

    >>> import click
    >>> from mistral_lib import actions
    >>> from mistral_lib.cli import ContextSource
    >>> class AcmeSource(ContextSource):
    ...     def options(self):
    ...         return [click.Option(["--acme-project"], help="Project to work in.")]
    ...     def context(self, options):
    ...         if options["acme_project"] is None:
    ...             return None
    ...         security = actions.SecurityContext(project_id=options["acme_project"])
    ...         return actions.ActionContext(security)
    >>> source = AcmeSource()
    >>> [option.name for option in source.options()]
    ['acme_project']
    >>> source.context({"acme_project": "p1"}).security.project_id
    'p1'

    An instance is made, and its module imported, only when ``run`` or its help is called for. One
    that does not load is named by ``mistral-action doctor`` and takes only its options out.
    """

    def options(self) -> list[click.Option]:
        """Return the options to add.

        Their names should begin with the product's, as in ``--os-cloud``; one that is taken already
        is left out.
        """
        return []

    def context(self, options: Mapping[str, Any]) -> ActionContext | None:
        """Return the context to run in; None when these options (or the environment) ask for none.

        Called when ``--context`` is not given: both at once are wrong usage. The first source with
        a context wins, by name.

        :param options: the values of this source's own options, by parameter name.
        :raises MistralException: no context can be made of them; ends the command with its message,
            as does any of click's own errors.
        """
        return None
