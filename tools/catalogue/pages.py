# SPDX-FileCopyrightText: The Mistral SDK authors
# SPDX-License-Identifier: Apache-2.0
"""A Sphinx extension: the reference of the OpenStack actions, from the mapping and the catalogue.

The clients' texts become nodes, never markup: whatever stands in them, they can't break a page.
"""

from __future__ import annotations

import re
from typing import TYPE_CHECKING, Any

from docutils import nodes
from sphinx.util.docutils import SphinxDirective

from mistral_extra.actions.openstack import catalogue, descriptors, services, settings

if TYPE_CHECKING:
    from collections.abc import Iterable, Iterator

    from sphinx.application import Sphinx

    from mistral_lib.actions.providers.base import ActionDescriptorBase, ParameterDoc

__all__ = ["Actions", "Services", "setup"]

_LITERAL = re.compile(r"``?([^`]+)``?")


class Services(SphinxDirective):
    """``.. openstack-services::``: a table of all services, with links to their pages."""

    def run(self) -> list[nodes.Node]:
        """Return the table."""
        head = ("Service", "", "Client", "Comes with", "Actions")
        rows = [[nodes.paragraph(text=text) for text in head]]
        for service in services.all():
            extra = f"mistral-extra[{service.extra}]" if service.extra else "mistral-extra"
            link = nodes.reference(
                "", "", nodes.literal(text=service.name), refuri=f"openstack/{service.name}.html"
            )
            rows.append(
                [
                    nodes.paragraph("", "", link),
                    nodes.paragraph(text=service.title),
                    nodes.paragraph("", "", nodes.literal(text=service.distribution)),
                    nodes.paragraph("", "", nodes.literal(text=extra)),
                    nodes.paragraph(text=str(len(catalogue.mapping()[service.name]))),
                ]
            )
        return [_table(rows, widths=(16, 36, 22, 20, 6))]


class Actions(SphinxDirective):
    """``.. openstack-actions:: SERVICE``: each action of a service in a section of its own."""

    required_arguments = 1

    def run(self) -> list[nodes.Node]:
        """Return the sections."""
        service = services.get(self.arguments[0])
        has_region = service.name in settings.region_services()
        found: list[nodes.Node] = []
        for name, target in sorted(catalogue.mapping()[service.name].items()):
            full = f"{service.name}.{name}"
            descriptor = descriptors.create(full, service.name, target, has_region)
            section = nodes.section("", *_section(descriptor, target), ids=[nodes.make_id(full)])
            self.state.document.note_explicit_target(section)
            found.append(section)
        return found


def _section(descriptor: ActionDescriptorBase, target: str) -> Iterator[nodes.Node]:
    documentation = descriptor.documentation
    assert documentation is not None
    yield nodes.title("", "", nodes.literal(text=descriptor.name))
    if documentation.deprecated:
        yield nodes.warning("", nodes.paragraph(text=f"Deprecated: {documentation.deprecated}"))
    yield from _text(descriptor.description or "")
    parameters = list(_parameters(descriptor.params_spec or "", documentation.parameters))
    if parameters:
        yield nodes.definition_list("", *parameters)
    if documentation.returns or documentation.returns_text:
        said = [t for t in (documentation.returns, documentation.returns_text) if t]
        yield nodes.paragraph("", "", nodes.strong(text="Returns "), *_inline(". ".join(said)))
    yield nodes.paragraph("", "", nodes.emphasis(text="Calls "), nodes.literal(text=target))


def _parameters(
    params_spec: str, documented: dict[str, ParameterDoc] | Any
) -> Iterator[nodes.definition_list_item]:
    from mistral_lib.actions.providers.base import ParameterDoc
    from mistral_lib.utils import inspect_utils

    entries = [e.partition("=") for e in inspect_utils.split_params(params_spec)]
    named = {name.lstrip("*"): (name, default) for name, _, default in entries}
    # What takes any name goes last, after the names that are known to be taken that way.
    open_ = [n for n, (shown, _) in named.items() if shown.startswith("*")]
    closed = [n for n in named if n not in open_]
    more = [n for n in documented if n not in named] if open_ else []
    for name in (*closed, *more, *open_):
        shown, default = named.get(name, (name, "null"))
        doc = documented.get(name, ParameterDoc())
        words = f"{shown}: {doc.type}" if doc.type else shown
        words += f" = {default}" if default else ""
        text = doc.text or ("any others" if name in open_ else "")
        yield nodes.definition_list_item(
            "",
            nodes.term("", "", nodes.literal(text=words)),
            nodes.definition("", nodes.paragraph("", "", *_inline(text))),
        )


def _text(text: str) -> Iterator[nodes.Node]:
    """Yield the paragraphs of a text; what is indented or a list stays as it is written."""
    for block in re.split(r"\n\s*\n", text):
        if any(line[:1] in " -*+" for line in block.split("\n")):
            yield nodes.literal_block(block, block, language="none")
        elif block.strip():
            yield nodes.paragraph("", "", *_inline(" ".join(block.split())))


def _inline(text: str) -> Iterator[nodes.Node]:
    """Yield text, with what stands in backticks as literals."""
    for index, part in enumerate(_LITERAL.split(text)):
        if part:
            yield nodes.literal(text=part) if index % 2 else nodes.Text(part)


def _table(rows: Iterable[list[nodes.paragraph]], widths: tuple[int, ...]) -> nodes.table:
    made = [nodes.row("", *(nodes.entry("", cell) for cell in row)) for row in rows]
    group = nodes.tgroup(
        "",
        *(nodes.colspec(colwidth=width) for width in widths),
        nodes.thead("", made[0]),
        nodes.tbody("", *made[1:]),
        cols=len(widths),
    )
    return nodes.table("", group)


def setup(app: Sphinx) -> dict[str, Any]:
    """Add the directives."""
    app.add_directive("openstack-services", Services)
    app.add_directive("openstack-actions", Actions)
    return {"version": "1", "parallel_read_safe": True, "parallel_write_safe": True}
