"""The little JavaScript of the widgets, written into the page beside the first control that needs it."""

from __future__ import annotations

from typing import Any

from runtime.foundation.current import current
from runtime.html import CAT, SCRIPT

LISTS = """
if (!window.w2pLists) {
  window.w2pLists = true;
  document.addEventListener("input", (event) => {
    const list = event.target.closest("ul[data-w2p_list]");
    if (!list) return;
    const lines = list.querySelectorAll("input");
    const last = lines[lines.length - 1];
    if (event.target !== last || !last.value) return;
    const item = last.closest("li").cloneNode(true);
    const line = item.querySelector("input");
    line.value = ""; line.removeAttribute("value"); line.id = last.id + "_";
    list.append(item);
  });
  document.addEventListener("keydown", (event) => {
    const list = event.target.closest && event.target.closest("ul[data-w2p_list]");
    if (!list || event.key !== "Enter") return;
    event.preventDefault();
    const lines = [...list.querySelectorAll("input")];
    const next = lines[lines.indexOf(event.target) + 1];
    if (next) next.focus();
  });
}
"""
"""A line is added when the last one is typed into; Enter goes to the next line."""

LOOKUP = """
if (!window.w2pLookup) {
  window.w2pLookup = true;
  let timer = 0, number = 0;
  const part = (input) => input.closest("[data-w2p_lookup]");
  const close = (box) => { box.querySelector("[role=listbox]").hidden = true;
    box.querySelector("[role=combobox]").setAttribute("aria-expanded", "false"); };
  const choose = (box, option) => {
    const input = box.querySelector("[role=combobox]"), key = box.querySelector("input[type=hidden]");
    input.value = option.dataset.text;
    if (key) { key.value = option.dataset.value; key.dispatchEvent(new Event("change", { bubbles: true })); }
    close(box); input.focus();
  };
  const mark = (box, step) => {
    const options = [...box.querySelectorAll("[role=option]")];
    if (!options.length) return;
    const at = options.findIndex((o) => o.getAttribute("aria-selected") === "true");
    const next = options[(at + step + options.length) % options.length];
    options.forEach((o) => o.setAttribute("aria-selected", String(o === next)));
    box.querySelector("[role=combobox]").setAttribute("aria-activedescendant", next.id);
    next.scrollIntoView({ block: "nearest" });
  };
  const show = (box, items) => {
    const list = box.querySelector("[role=listbox]");
    list.replaceChildren(...items.map((item, at) => {
      const option = document.createElement("li");
      option.setAttribute("role", "option"); option.setAttribute("aria-selected", "false");
      option.id = list.id + "_" + at; option.dataset.value = item[0];
      option.dataset.text = option.textContent = item[1];
      if (item[2]) {
        const help = document.createElement("small");
        help.textContent = " " + item[2]; option.append(help);
      }
      return option;
    }));
    list.hidden = !items.length;
    box.querySelector("[role=combobox]").setAttribute("aria-expanded", String(!!items.length));
  };
  document.addEventListener("input", (event) => {
    const input = event.target, box = part(input);
    if (!box || input.getAttribute("role") !== "combobox") return;
    const key = box.querySelector("input[type=hidden]");
    if (key) key.value = "";
    clearTimeout(timer);
    if (input.value.length < Number(box.dataset.w2p_min)) return close(box);
    timer = setTimeout(async () => {
      const mine = ++number;
      const url = new URL(document.location.href);
      const part = input.closest("[data-w2p_remote], [data-w2p_trapped]");
      const inner = part && (part.dataset.w2p_shown || part.dataset.w2p_trapped || part.dataset.w2p_remote);
      const address = inner ? new URL(inner, url) : url;
      address.hash = ""; address.searchParams.set(box.dataset.w2p_lookup, input.value);
      try {
        const headers = { "X-Requested-With": "XMLHttpRequest" };
        const answer = await fetch(address, { headers, credentials: "same-origin" });
        if (mine === number && answer.ok) show(box, await answer.json());
      } catch { close(box); }
    }, 150);
  });
  document.addEventListener("keydown", (event) => {
    const box = event.target.closest && part(event.target);
    if (!box || event.target.getAttribute("role") !== "combobox") return;
    const list = box.querySelector("[role=listbox]");
    if (list.hidden) return;
    if (event.key === "ArrowDown" || event.key === "ArrowUp") {
      event.preventDefault(); mark(box, event.key === "ArrowDown" ? 1 : -1);
    } else if (event.key === "Enter") {
      event.preventDefault();
      const option = box.querySelector("[aria-selected=true]") || box.querySelector("[role=option]");
      if (option) choose(box, option);
    } else if (event.key === "Escape") close(box);
  });
  document.addEventListener("mousedown", (event) => {
    const option = event.target.closest("[data-w2p_lookup] [role=option]");
    if (option) { event.preventDefault(); choose(part(option), option); }
  });
  document.addEventListener("focusout", (event) => {
    const box = event.target.closest && part(event.target);
    if (box && !box.contains(event.relatedTarget)) close(box);
  });
}
"""
"""Suggestions below a text field: typed text is looked up at the page's own address."""


class _Once(CAT):
    """A script that is written when the page asks for it, the first time in a request only."""

    _plain = False

    def __init__(self, script: str) -> None:
        super().__init__()
        self.script = script

    def xml(self) -> str:
        request = getattr(current, "request", None)
        if request is not None:
            written = request.get("_widget_scripts") or ()
            if self.script in written:
                return ""
            request["_widget_scripts"] = (*written, self.script)
        return SCRIPT(self.script).xml()


def once(script: str) -> Any:
    """Return the element with `script`; written a second time in a request it is empty."""
    return _Once(script)
