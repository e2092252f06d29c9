"""Tables and their references as a graph laid out in layers, and as SVG (AP-26)."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass
from html import escape

from runtime.admin.structure import Structure

LINE, HEAD, PAD, GAP_X, GAP_Y, MOST_FIELDS = 18.0, 28.0, 12.0, 90.0, 26.0, 14
ELSEWHERE = "made elsewhere"  # said in the box of a table that no model defines
LETTER = 7.2  # pixels of a letter where nobody measures


@dataclass(frozen=True, slots=True)
class Box:
    """A table in the picture: place and size in pixels, its fields, and where it is defined."""

    name: str
    fields: tuple[str, ...]
    left: float
    top: float
    width: float
    height: float
    path: str = ""
    line: int = 0


@dataclass(frozen=True, slots=True)
class Edge:
    """A reference: table and field it is in, table it points to, whether it points to many."""

    source: str
    field: str
    target: str
    many: bool = False


@dataclass(frozen=True, slots=True)
class Graph:
    """The picture: boxes by name, edges, and its whole size in pixels."""

    boxes: dict[str, Box]
    edges: tuple[Edge, ...]
    width: float
    height: float


def graph_of(structure: Structure, width_of: Callable[[str], float] | None = None) -> Graph:
    """Lay out the tables of an application: what is pointed to stands left of what points.

    Tables that are pointed to and defined nowhere in the models (those of Auth) have a box without fields.

    Args:
        width_of: width of a text in pixels.
    """
    measured = width_of or (lambda text: LETTER * len(text))
    tables = {symbol.name: (entry.path, symbol) for entry, symbol in structure.tables()}
    edges = tuple(
        Edge(name, reference.field, reference.table, reference.many)
        for name, (_, symbol) in tables.items()
        for reference in symbol.references
    )
    others = dict.fromkeys(edge.target for edge in edges if edge.target not in tables)
    columns = _columns([*tables, *others], edges)
    boxes: dict[str, Box] = {}
    left, most = PAD * 2, 0.0
    for column in columns:
        top, widest = PAD * 2, 0.0
        for name in _ordered(column, edges, boxes):
            path, line = "", 0
            fields: tuple[str, ...] = (ELSEWHERE,)
            if name in tables:
                path, symbol = tables[name]
                line, fields = symbol.line, symbol.fields[:MOST_FIELDS]
                if len(symbol.fields) > MOST_FIELDS:
                    fields = (*fields, f"and {len(symbol.fields) - MOST_FIELDS} more")
            width = max(measured(text) for text in (name, *fields)) + 2 * PAD + 16
            height = HEAD + LINE * len(fields) + (PAD / 2 if fields else 0)
            boxes[name] = Box(name, fields, left, top, width, height, path, line)
            top += height + GAP_Y
            widest = max(widest, width)
        most = max(most, top)
        left += widest + GAP_X
    return Graph(boxes, edges, max(left - GAP_X + PAD * 2, 200.0), most or 100.0)


def _columns(names: list[str], edges: tuple[Edge, ...]) -> list[list[str]]:
    """Give each table a column right of those it points to; circles are cut where they close."""
    targets: dict[str, set[str]] = {name: set() for name in names}
    for edge in edges:
        if edge.source != edge.target:
            targets[edge.source].add(edge.target)
    depth: dict[str, int] = {}

    def place(name: str, above: frozenset[str]) -> int:
        if name in depth:
            return depth[name]
        below = [place(to, above | {name}) for to in sorted(targets[name]) if to not in above]
        depth[name] = 1 + max(below, default=-1)
        return depth[name]

    for name in names:
        place(name, frozenset())
    columns: list[list[str]] = [[] for _ in range(max(depth.values(), default=-1) + 1)]
    lonely = {name for name in names if not targets[name]} - {edge.target for edge in edges}
    for name in names:
        columns[depth[name]].append(name)
    if columns and lonely:  # tables without references stand last, so that they do not part the others
        columns[0] = [name for name in columns[0] if name not in lonely]
        alone = sorted(lonely)
        rows = max(6, *map(len, columns))
        columns += [alone[at : at + rows] for at in range(0, len(alone), rows)]
    return [column for column in columns if column]


def _ordered(column: list[str], edges: tuple[Edge, ...], placed: dict[str, Box]) -> list[str]:
    """Return the tables of a column near the height of what they point to."""

    def height(name: str) -> tuple[float, str]:
        tops = [placed[edge.target].top for edge in edges if edge.source == name and edge.target in placed]
        return (sum(tops) / len(tops) if tops else 0.0), name

    return sorted(column, key=height)


def edge_points(graph: Graph, edge: Edge) -> tuple[tuple[float, float], tuple[float, float]]:
    """Return where an edge begins, at its field, and ends, at the head of the table it points to."""
    source, target = graph.boxes[edge.source], graph.boxes[edge.target]
    row = source.fields.index(edge.field) if edge.field in source.fields else -1
    begin = source.top + HEAD + LINE * row + LINE / 2 if row >= 0 else source.top + HEAD / 2
    if source.name == target.name:
        return (source.left + source.width, begin), (target.left + target.width, target.top + HEAD / 2)
    return (source.left, begin), (target.left + target.width, target.top + HEAD / 2)


def to_svg(graph: Graph, colors: dict[str, str]) -> str:
    """Return the picture as SVG.

    Args:
        graph: as `graph_of` laid it out.
        colors: ``ground``, ``box``, ``head``, ``edge``, ``text``, ``quiet``, ``line``.
    """
    out = [
        f'<svg xmlns="http://www.w3.org/2000/svg" width="{graph.width:.0f}" height="{graph.height:.0f}" '
        f'font-family="sans-serif" font-size="13">',
        f'<rect width="100%" height="100%" fill="{colors["ground"]}"/>',
    ]
    for edge in graph.edges:
        (x1, y1), (x2, y2) = edge_points(graph, edge)
        bend = max(40.0, abs(x1 - x2) / 2)
        if edge.source == edge.target:
            path = f"M{x1:.1f},{y1:.1f} C{x1 + 40:.1f},{y1:.1f} {x2 + 40:.1f},{y2:.1f} {x2:.1f},{y2:.1f}"
        else:
            path = f"M{x1:.1f},{y1:.1f} C{x1 - bend:.1f},{y1:.1f} {x2 + bend:.1f},{y2:.1f} {x2:.1f},{y2:.1f}"
        dash = ' stroke-dasharray="5 3"' if edge.many else ""
        title = f"<title>{escape(edge.source)}.{escape(edge.field)}</title>"
        out.append(f'<path d="{path}" fill="none" stroke="{colors["line"]}"{dash}>{title}</path>')
    for box in graph.boxes.values():
        shape = f'x="{box.left:.1f}" y="{box.top:.1f}" width="{box.width:.1f}" rx="6"'
        out.append(
            f'<rect {shape} height="{box.height:.1f}" fill="{colors["box"]}" stroke="{colors["edge"]}"/>'
        )
        out.append(f'<rect {shape} height="{HEAD:.1f}" fill="{colors["head"]}"/>')
        x = box.left + PAD
        out.append(
            f'<text x="{x:.1f}" y="{box.top + 18:.1f}" font-weight="600" fill="{colors["text"]}">'
            f"{escape(box.name)}</text>"
        )
        for at, name in enumerate(box.fields):
            y = box.top + HEAD + LINE * at + 14
            out.append(f'<text x="{x:.1f}" y="{y:.1f}" fill="{colors["quiet"]}">{escape(name)}</text>')
    out.append("</svg>")
    return "\n".join(out) + "\n"
