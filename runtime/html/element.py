"""The tree of markup: `XmlComponent`, `DIV` (base of every tag) and `CAT` (NAMES-04, NAMES-05)."""

from __future__ import annotations

import re
from collections.abc import Callable, Iterable, Iterator
from typing import Any, ClassVar

from runtime.foundation.escape import xmlescape
from runtime.html.selectors import Query

Render = Callable[..., str]

_BAD_NAME = re.compile(r"""[\s<>"'/=\0]|^$""")
_KNOWN_NAMES: set[str] = set()
_KNOWN_LIMIT = 4096  # names made up at run time must not fill the memory
_MISSING: Any = object()
_MAX_DEPTH = 200_000  # reached only by a tag that contains itself


def check_name(name: str) -> str:
    """Return `name` when it can be the name of a tag or attribute.

    Raises:
        ValueError: it is empty or holds a space, quote, ``<``, ``>``, ``/`` or ``=``,
            so that the text after it would be read as markup.
    """
    if name not in _KNOWN_NAMES:
        if _BAD_NAME.search(name):
            raise ValueError(f"{name!r} cannot be the name of a tag or attribute")
        if len(_KNOWN_NAMES) < _KNOWN_LIMIT:
            _KNOWN_NAMES.add(name)
    return name


def attribute_value(value: Any) -> str:
    """Return `value` for use between double quotes; markup objects keep their entities."""
    if type(value) is str or not hasattr(value, "xml"):
        return xmlescape(value)
    return xmlescape(value).replace('"', "&quot;")


class XmlComponent:
    """Anything that is markup already: views and tags print its `xml()` unescaped (ACT-09)."""

    def xml(self) -> str:
        """Return the markup."""
        raise NotImplementedError

    def __str__(self) -> str:
        return self.xml()

    def __html__(self) -> str:
        return self.xml()

    def __add__(self, other: Any) -> Any:
        return CAT(self, other)

    def __mul__(self, times: int) -> CAT:
        return CAT(*[self] * times)


class DIV(XmlComponent):
    """The tag ``<div>``, and base class of the other tags (NAMES-05).

    Positional arguments are the content, text being escaped; a single list or
    tuple is taken as the list of the content. Arguments that
    start with an underscore are attributes: ``None`` and ``False`` leave one out,
    ``True`` writes ``name="name"``; ``data=dict(a=1)`` writes ``data-a="1"``.
    Other named arguments have a meaning to the particular tag. Attributes are
    written in alphabetical order.

    A tag behaves as a list of its content (``div[0]``, ``len``, ``append`` ...)
    and as a dictionary of its arguments (``div['_class']``).
    """

    tag: str = "div"
    _plain: ClassVar[bool] = True  # `xml` is the one of this class: the serialiser may walk through
    _takes_all: ClassVar[bool] = True  # content is put in as it is
    _fitting: ClassVar[frozenset[Any]] = frozenset()  # kinds of content that `_accept` returns as they are
    _computed: ClassVar[bool] = False  # attributes depend on others: ask `_postprocessing` and `_trailing`

    components: list[Any]
    attributes: dict[str, Any]
    parent: DIV | None = None

    def __init_subclass__(cls, **kwargs: Any) -> None:
        super().__init_subclass__(**kwargs)
        cls._plain = cls.xml is DIV.xml
        cls._takes_all = cls._accept is DIV._accept and cls._adopt is DIV._adopt

    def __init__(self, *components: Any, **attributes: Any) -> None:
        if len(components) == 1 and isinstance(components[0], (list, tuple)):
            components = tuple(components[0])
        if components and self.tag.endswith("/"):
            raise SyntaxError(f"<{self.tag}> tags cannot have components")
        self.attributes = attributes
        inside: list[Any] = list(components)
        self.components = inside
        if self._takes_all:
            for component in components:
                if isinstance(component, DIV):
                    component.parent = self
        else:
            fitting = self._fitting
            for at, component in enumerate(inside):
                if component.__class__ in fitting:
                    component.parent = self
                else:
                    inside[at] = self._adopt(component)
        if self._computed:
            self._postprocessing()

    def _adopt(self, component: Any) -> Any:
        component = self._accept(component)
        if isinstance(component, DIV):
            component.parent = self
        return component

    # Hooks of subclasses and forms.

    def _accept(self, component: Any) -> Any:
        """Return `component` in the shape this tag needs; called once for each that is put in."""
        return component

    def _postprocessing(self) -> None:
        """Derive attributes from other arguments; called on creation and before writing."""

    def _trailing(self) -> Iterable[Any]:
        """Return what is written after the closing tag, such as the error of a field."""
        return ()

    def _descendants(self) -> Iterator[DIV]:
        """Yield every tag below this one, in document order."""
        stack = [iter(self.components)]
        while stack:
            for component in stack[-1]:
                if isinstance(component, DIV):
                    yield component
                    stack.append(iter(component.components))
                    break
            else:
                stack.pop()

    # Content and attributes.

    def __getitem__(self, key: Any) -> Any:
        return self.attributes.get(key) if isinstance(key, str) else self.components[key]

    def __setitem__(self, key: Any, value: Any) -> None:
        if isinstance(key, str):
            self.attributes[key] = value
        else:
            adopted = [self._adopt(v) for v in value] if isinstance(key, slice) else self._adopt(value)
            self.components[key] = adopted

    def __delitem__(self, key: Any) -> None:
        if isinstance(key, str):
            self.attributes.pop(key, None)
        else:
            del self.components[key]

    def __len__(self) -> int:
        return len(self.components)

    def __bool__(self) -> bool:
        return True

    def __iter__(self) -> Iterator[Any]:
        return iter(self.components)

    def append(self, component: Any) -> None:
        """Add `component` at the end of the content."""
        self.components.append(self._adopt(component))

    def insert(self, i: int, component: Any) -> None:
        """Put `component` before position `i` of the content."""
        self.components.insert(i, self._adopt(component))

    def update(self, **attributes: Any) -> DIV:
        """Set attributes and special arguments as the constructor does; return the tag itself."""
        self.attributes.update(attributes)
        self._postprocessing()
        return self

    def add_class(self, name: str) -> DIV:
        """Add the class (or several, parted by spaces) `name`; return the tag itself."""
        classes = str(self["_class"] or "").split()
        classes += [each for each in name.split() if each not in classes]
        self["_class"] = " ".join(classes) or None
        return self

    def remove_class(self, name: str) -> DIV:
        """Take the class (or several, parted by spaces) `name` away; return the tag itself."""
        drop = name.split()
        self["_class"] = " ".join(c for c in str(self["_class"] or "").split() if c not in drop) or None
        return self

    # Writing.

    def _attributes_text(self) -> str:
        attributes = self.attributes
        if not attributes:
            return ""
        names = tuple(attributes)
        plan = _plans.get(names)
        if plan is None:
            plan = _plan(names)
        text = ""
        for name, start in plan:
            value = attributes[name]
            if value.__class__ is str:
                # Most are names and numbers, where nothing is to be escaped.
                if not value.isidentifier() and not value.isalnum():
                    value = xmlescape(value)
            elif value is None or value is False:
                continue
            elif value is True:
                value = name[1:]
            else:
                value = attribute_value(value)
            text += f'{start}{value}"'
        if "data" in attributes and isinstance(attributes["data"], dict):
            flat = {f"_data-{name}": value for name, value in attributes["data"].items()}
            rest = {name: value for name, value in attributes.items() if name != "data"}
            return DIV(**{**rest, **flat})._attributes_text()
        return text

    def xml(self) -> str:
        """Return the markup of the whole tree; its depth is limited by memory alone."""
        return _leaf(self) or _serialise(self)

    # Searching.

    def elements(self, *selectors: str, **conditions: Any) -> list[Any]:
        """Return the tags of this tree, itself included, that satisfy the conditions, in document order.

        Args:
            selectors: ``'tag#id.class[name=value]'``, several joined by commas
                (either matches) or spaces (inside one another).
            conditions: values of attributes (``_id='x'``), text or regular
                expression, and the special ones:
                ``find``: text or expression that the tag's own text holds;
                ``replace``: puts this, or what this function returns for the
                tag, in the place of each tag found; ``None`` removes it;
                ``find_text``: text or expression; with it ``replace`` changes the text found,
                not the tag; ``first_only``: stop at the first.

        Raises:
            ValueError: a selector cannot be read.
        """
        replace = conditions.pop("replace", _MISSING)
        first_only = conditions.pop("first_only", False)
        query = Query(selectors, conditions)
        found: list[tuple[DIV, DIV | None]] = []
        for node, ancestors in _walk(self):
            if query.matches(node, ancestors):
                found.append((node, ancestors[-1] if ancestors else None))
                if first_only:
                    break
        if replace is not _MISSING:
            for node, parent in found:
                if query.find_text is not None:
                    _replace_text(node, query.find_text, replace)
                elif parent is not None:
                    _replace_node(node, parent, replace)
        return [node for node, _ in found]

    def element(self, *selectors: str, **conditions: Any) -> Any:
        """Return the first tag that `elements` finds, or None."""
        found = self.elements(*selectors, first_only=True, **conditions)
        return found[0] if found else None

    def siblings(self, *selectors: str, **conditions: Any) -> list[Any]:
        """Return the other tags in the parent's content that match as with `elements`."""
        if self.parent is None:
            return []
        query = Query(selectors, conditions)
        others = [c for c in self.parent.components if isinstance(c, DIV) and c is not self]
        return [other for other in others if query.matches(other, [self.parent])]

    def sibling(self, *selectors: str, **conditions: Any) -> Any:
        """Return the first of `siblings`, or None."""
        found = self.siblings(*selectors, **conditions)
        return found[0] if found else None

    def flatten(self, render: Render | None = None) -> str:
        """Return the text without tags.

        Args:
            render: function ``(text, tag, attributes)`` that marks the text of each
                tag up in another way, for example `markmin_serializer`.
        """
        stack: list[tuple[DIV, Iterator[Any], list[str]]] = [(self, iter(self.components), [])]
        while True:
            node, rest, texts = stack[-1]
            for component in rest:
                if isinstance(component, DIV) and type(component).flatten is DIV.flatten:
                    stack.append((component, iter(component.components), []))
                    break
                if isinstance(component, XmlComponent):
                    texts.append(component.flatten(render))  # type: ignore[attr-defined]  # all have it
                else:
                    texts.append(render(str(component)) if render else str(component))
            else:
                stack.pop()
                text = "".join(texts)
                if render:
                    text = render(text, node.tag, node.attributes)
                if not stack:
                    return text
                stack[-1][2].append(text)


class CAT(DIV):
    """Its content without a tag around (NAMES-04)."""

    tag = ""


_plans: dict[tuple[str, ...], list[tuple[str, str]]] = {}


def _plan(names: tuple[str, ...]) -> list[tuple[str, str]]:
    """Return the written ones of a tag's arguments in order, each with the text before its value."""
    written = sorted(name[1:] for name in names if name[:1] == "_")
    plan = [("_" + name, f' {check_name(name)}="') for name in written]
    if len(_plans) < _KNOWN_LIMIT:
        _plans[names] = plan
    return plan


def _leaf(element: DIV) -> str:
    """Return the markup of an element that holds one text at most, empty for others."""
    if element._computed:
        element._postprocessing()
        if element._trailing():
            return ""
    tag, inner = element.tag, element.components
    if not tag or len(inner) > 1 or (inner and type(inner[0]) is not str):
        return ""
    if tag[-1] == "/":
        return f"<{tag[:-1]}{element._attributes_text()} />"
    text = xmlescape(inner[0]) if inner else ""
    return f"<{tag}{element._attributes_text()}>{text}</{tag}>"


def _serialise(root: DIV) -> str:
    out: list[str] = []
    write = out.append
    stack: list[tuple[Iterator[Any], str]] = [(iter((root,)), "")]
    while stack:
        components, closing = stack[-1]
        for component in components:
            if type(component) is str:
                write(xmlescape(component))
            elif isinstance(component, DIV) and (component._plain or component is root):
                trailing: Iterable[Any] = ()
                if component._computed:
                    component._postprocessing()
                    trailing = component._trailing()
                    if trailing:
                        stack.append((iter(trailing), ""))
                if len(stack) > _MAX_DEPTH:
                    raise ValueError(
                        f"<{component.tag}> lies {_MAX_DEPTH} tags deep: does a tag contain itself?"
                    )
                tag = component.tag
                if not tag:
                    stack.append((iter(component.components), ""))
                elif tag[-1] == "/":
                    write(f"<{tag[:-1]}{component._attributes_text()} />")
                    if not trailing:
                        continue
                else:
                    write(f"<{tag}{component._attributes_text()}>")
                    inner = component.components
                    if len(inner) == 1 and type(inner[0]) is str and not trailing:
                        write(f"{xmlescape(inner[0])}</{tag}>")  # most tags hold one text
                        continue
                    stack.append((iter(inner), f"</{tag}>"))
                break
            else:
                write(xmlescape(component))
        else:
            write(closing)
            stack.pop()
    return "".join(out)


def _walk(root: DIV) -> Iterator[tuple[DIV, list[DIV]]]:
    """Yield each tag of the tree with the list (reused) of those around it."""
    yield root, []
    path = [root]
    stack = [iter(list(root.components))]
    while stack:
        for component in stack[-1]:
            if isinstance(component, DIV):
                yield component, path
                path.append(component)
                stack.append(iter(list(component.components)))
                break
        else:
            stack.pop()
            path.pop()


def _replace_node(node: DIV, parent: DIV, replace: Any) -> None:
    for i, component in enumerate(parent.components):
        if component is node:
            new = replace(node) if callable(replace) else replace
            if new is None:
                del parent.components[i]
            else:
                parent[i] = new
            return


def _replace_text(node: DIV, pattern: re.Pattern[str], replace: Any) -> None:
    """Change the matching text of `node` itself; markup objects given as `replace` split the text."""
    out: list[Any] = []
    for component in node.components:
        if not isinstance(component, str):
            out.append(component)
            continue
        position = 0
        for match in pattern.finditer(component):
            out.append(component[position : match.start()])
            new = replace(match.group()) if callable(replace) else replace
            out.append("" if new is None else new)
            position = match.end()
        out.append(component[position:])
    node[:] = [c for c in out if not (isinstance(c, str) and c == "")]
