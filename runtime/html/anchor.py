"""`A`: links, and the attributes that make them act without leaving the page (NAMES-05)."""

from __future__ import annotations

from typing import ClassVar

from runtime.html.element import DIV

CONFIRM_DELETE = "Are you sure you want to delete this object?"
"""Question asked before a callback that deletes, unless `confirm` or `noconfirm` is given."""


class A(DIV):
    """Link; special arguments become ``data-w2p_*`` attributes.

    Args:
        callback: address called in the background with POST.
        component: address fetched with GET into the target.
        target: id of the element that receives the answer; ``'<self>'`` is the link itself.
        cid: id of the component that receives the page at ``_href``.
        delete: selector of the closest element removed afterwards.
        confirm: question asked first; a callback with `delete` has one by default.
        noconfirm: ask nothing.
        pre_call: JavaScript run before the call.
        _disable_with: text of the link while waiting; ``'default'`` uses the one of the page.
    """

    tag = "a"
    _computed: ClassVar[bool] = True

    def _postprocessing(self) -> None:
        attributes = self.attributes
        if "callback" not in attributes and not any(
            attributes.get(name) for name in ("component", "target", "cid", "delete")
        ):
            self._mark_questions()
            return
        if self["delete"]:
            attributes["_data-w2p_remove"] = self["delete"]
        if self["target"]:
            own = self["target"] == "<self>"
            attributes["_data-w2p_target"] = self["_id"] if own else self["target"]
        if self["component"]:
            attributes["_data-w2p_method"] = "GET"
            attributes["_href"] = self["component"]
        elif self["callback"]:
            attributes["_data-w2p_method"] = "POST"
            attributes["_href"] = self["callback"]
            if self["delete"] and not self["noconfirm"] and not self["confirm"]:
                attributes["_data-w2p_confirm"] = CONFIRM_DELETE
        elif self["cid"]:
            attributes["_data-w2p_method"] = "GET"
            attributes["_data-w2p_target"] = self["cid"]
        attributes["_data-w2p_disable_with"] = (
            attributes.pop("_disable_with", None) or attributes.get("_data-w2p_disable_with") or "default"
        )
        self._mark_questions()

    def _mark_questions(self) -> None:
        if self["confirm"] and not self["noconfirm"]:
            self["_data-w2p_confirm"] = self["confirm"]
        if self["pre_call"]:
            self["_data-w2p_pre_call"] = self["pre_call"]
