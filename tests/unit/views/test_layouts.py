"""Pages of several files: extend, include, block, super (LIB-32, RESP-29)."""

from __future__ import annotations

from pathlib import Path
from typing import Any

import pytest

from runtime.views import TemplateError, ViewNotFound, dump, load, run_to_text


def test_resp_29_page_in_a_layout(site: Any) -> None:
    """RESP-29: text outside of blocks goes to the include place, blocks replace the layout's."""
    site.write(
        layout="<t>{{block title}}T{{end}}</t>{{include}}<f>{{block foot}}F{{end}}</f>",
        default__index="{{extend 'layout.html'}}body {{=x}}{{block title}}mine{{end}} more",
    )
    assert site("default/index", x="<") == "<t>mine</t>body &lt; more<f>F</f>"


def test_code_before_extend_runs_before_the_layout(site: Any) -> None:
    site.write(
        layout="[{{=title}}]{{include}}",
        page="{{title = 'x'}}{{extend 'layout.html'}}{{title = 'y'}}{{=title}}",
    )
    assert site("page") == "[x]y"


def test_super_over_three_levels(site: Any) -> None:
    """LIB-32: a block redefined over several levels, each with what it inherits."""
    site.write(
        base="{{block a}}base{{include 'bit.html'}}{{block b}}b{{end}}{{end}}|{{include}}",
        bit="(bit)",
        middle="{{extend 'base.html'}}{{block a}}<{{super}}>{{end}}M{{include}}",
        page="{{extend 'middle.html'}}{{block a}}[{{super}}{{super}}]{{end}}P",
        other="{{extend 'middle.html'}}{{block b}}own{{end}}",
        skip="{{extend 'page.html'}}{{block c}}{{super a}}{{end}}",
    )
    assert site("page") == "[<base(bit)b><base(bit)b>]|MP"
    assert site("other") == "<base(bit)own>|M"
    assert site("middle") == "<base(bit)b>|M"


def test_a_block_nested_in_the_layout_is_replaced_once(site: Any) -> None:
    site.write(
        base="{{block outer}}({{block inner}}i{{end}}){{end}}{{include 'head.html'}}{{include}}",
        head="{{block head}}h{{end}}",
        page="{{extend 'base.html'}}{{block inner}}I{{end}}{{block head}}H{{end}}rest",
        nested="{{extend 'base.html'}}{{block outer}}<{{block inner}}N{{end}}>{{end}}",
    )
    assert site("page") == "(I)Hrest"
    assert site("nested") == "<N>h"


def test_blocks_that_no_layout_knows_stay_in_the_page(site: Any) -> None:
    site.write(base="<{{include}}>", page="{{extend 'base.html'}}a{{block z}}z{{end}}b")
    assert site("page") == "<azb>"


def test_last_definition_of_a_block_counts_and_include_may_repeat(site: Any) -> None:
    site.write(
        base="{{include}}{{include}}{{block a}}1{{end}}{{block a}}2{{end}}", page="{{extend 'base.html'}}p"
    )
    assert site("page") == "pp22"


def test_include_of_a_page_with_its_own_layout(site: Any) -> None:
    """LIB-32: an included view that extends keeps its layout and blocks."""
    site.write(
        box="<box>{{block t}}t{{end}}{{include}}</box>",
        part="{{extend 'box.html'}}{{block t}}mine{{end}}part",
        page="{{include 'part.html'}}{{include 'part.html'}}.",
    )
    assert site("page") == "<box>minepart</box><box>minepart</box>."


def test_a_block_may_include_a_file_with_a_block_of_that_name(site: Any) -> None:
    site.write(page="{{block a}}{{include 'x.html'}}{{end}}", x="{{block a}}inner{{end}}")
    assert site("page") == "inner"


def test_include_in_a_loop_sees_the_loop(site: Any) -> None:
    site.write(
        page="{{for row in rows:}}{{include 'row.html'}}{{pass}}{{=last}}", row="<{{=row}}>{{last = row}}"
    )
    assert site("page", rows=[1, 2]) == "<1><2>2"


def test_include_with_a_computed_name(site: Any) -> None:
    """LIB-32: the name may be an expression, also of names that the view sets itself."""
    site.write(
        page="{{for n in 'ab':}}{{include 'part/%s.html' % n}},{{pass}}{{include x}}{{name = 'part/a.html'}}{{include name}}",
        part__a="A{{=n}}",
        part__b="{{extend lay}}{{def f():}}B{{return}}{{f()}}",
        lay="({{include}})",
        deep="1{{include 'stop' + '.html'}}never",
        stop="2{{return}}3",
    )
    assert site("page", x="", lay="lay.html") == "Aa,(B),Ab"
    assert site("deep") == "12"


def test_extend_with_a_computed_name(site: Any) -> None:
    """LIB-32: a computed layout, at two levels; an empty name means no layout."""
    site.write(
        a="A[{{block t}}{{end}}{{include}}]",
        b="B[{{include}}]",
        mid="{{extend outer}}M({{include}})",
        page="{{extend layout}}{{block t}}t{{end}}p",
        chain="{{extend inner or None}}c",
    )
    assert site("page", layout="a.html") == "A[tp]"
    assert site("page", layout="b.html") == "B[tp]"
    assert site("page", layout=None) == "tp"
    assert site("chain", inner="mid.html", outer="b.html") == "B[M(c)]"
    assert site("chain", inner="mid.html", outer="") == "M(c)"
    assert site("chain", inner="") == "c"


def test_mistakes_are_named_in_the_file_that_holds_them(site: Any) -> None:
    """LIB-32: syntax errors of layout and include; views that are missing."""
    site.write(
        page="{{extend 'layout.html'}}\n{{include 'part.html'}}",
        layout="<html>\n\n{{x = = 1}}\n{{include}}",
        page2="{{extend 'ok.html'}}\n{{include 'part.html'}}",
        ok="<html>\n{{include}}",
        part="1\n2\n{{if x:}}\n",
        page3="\n\n{{extend 'ok.html'}}\n{{include 'gone.html'}}",
        page4="{{extend 'ok.html'}}\n{{include 'loop.html'}}",
        loop="1\n\n\n{{break}}",
        page5="a\n{{include 'go' + 'ne.html'}}",
        page6="{{extend 'ok.html'}}{{include 'bad_extend.html'}}",
        bad_extend="\n\n{{extend where}}",
    )
    expected = {
        "page": ("layout.html", 3),
        "page2": ("part.html", 3),
        "page3": ("page3.html", 4),
        "page4": ("loop.html", 4),
        "page5": ("page5.html", 2),
        "page6": ("bad_extend.html", 3),
    }
    for name, (file, line) in expected.items():
        with pytest.raises(TemplateError) as caught:
            site(name, where="gone.html")
        assert (Path(caught.value.path), caught.value.line) == (site.folder / file, line), name


def test_files_that_include_or_extend_themselves_are_refused(site: Any) -> None:
    site.write(
        a="1\n{{include 'b.html'}}",
        b="{{include 'a.html'}}",
        c="\n{{extend 'd.html'}}",
        d="{{extend 'c.html'}}",
    )
    for name, file in (("a", "b.html"), ("c", "d.html")):
        with pytest.raises(TemplateError, match="itself") as caught:
            site(name)
        assert caught.value.path.endswith(file)


def test_a_page_that_multiplies_itself_is_refused(site: Any) -> None:
    for n in range(40):
        site.write(**{f"v{n}": f"{{{{include 'v{n + 1}.html'}}}}" * 3})
    site.write(v40="x")
    with pytest.raises(TemplateError, match="parts"):
        site("v0")


def test_long_chain_of_layouts(site: Any) -> None:
    site.write(v0="{{include}}")
    for n in range(1, 60):
        site.write(**{f"v{n}": f"{{{{extend 'v{n - 1}.html'}}}}{n % 10}{{{{include}}}}"})
    assert site("v59") == "".join(str(n % 10) for n in range(1, 60))


@pytest.mark.parametrize(
    "name", ["../secret.html", "/etc/passwd", "a/../../secret.html", "..\\secret.html", "c:/x"]
)
def test_sec_nothing_outside_of_the_folder_is_read(site: Any, name: str) -> None:
    """SEC: static and computed names, of views, layouts and includes."""
    (site.folder.parent / "secret.html").write_text("secret")
    site.write(
        a=f"{{{{include {name!r}}}}}", b="{{include x}}", c=f"{{{{extend {name!r}}}}}", d="{{extend x}}"
    )
    for view in "abcd":
        with pytest.raises(Exception, match=r"allowed|leads out|cannot be used"):
            site(view, x=name)
    with pytest.raises(Exception, match=r"allowed|leads out"):
        site.loader.get(str(site.folder), name)
    with pytest.raises(TemplateError):
        site("a")


def test_act_07_missing_view(site: Any) -> None:
    """ACT-07: the caller can tell a view that is missing, and try the generic one."""
    for name in ("none", "none/none"):
        with pytest.raises(ViewNotFound) as caught:
            site(name)
        assert caught.value.name == name + ".html"


def test_compiled_view_as_bytes(site: Any) -> None:
    """A view of a compiled application: no sources are needed, places are kept."""
    site.write(layout="<{{include}}>", page="{{extend 'layout.html'}}\n{{=x}}{{=1/y}}")
    data = dump(site.loader.get(str(site.folder), "page.html"))
    for path in site.folder.iterdir():
        path.unlink()
    view = load(data)
    assert run_to_text(view, {"x": "<", "y": 1}) == "<\n&lt;1.0>"
    for bad in (b"", b"junk", data[:-5], b"i\x01\x00\x00\x00"):
        with pytest.raises(ValueError, match="no compiled view"):
            load(bad)
