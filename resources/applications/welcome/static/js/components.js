/* Parts of a page that load by themselves, forms inside them, questions before a loss,
   and a guard against sending a form twice. No framework; every current browser.

   data-w2p_remote="ADDRESS"     load ADDRESS into this element (data-w2p_times, data-w2p_timeout repeat it)
   data-w2p_confirm="QUESTION"   ask before the click or the submission goes on
   data-w2p_disable_with="TEXT"  text of the button while its form or link is under way
   data-w2p_method, data-w2p_target on a link: send it by Ajax into that element
*/
(function () {
  "use strict";

  const byId = (id) => document.getElementById(id);

  /** Show MESSAGE in the flash bar; an empty one hides the bar. */
  function flash(message) {
    const bar = document.querySelector(".flash, .w2p_flash");
    if (!bar) return;
    bar.textContent = message || "";
    bar.dataset.empty = message ? "no" : "yes";
  }

  /** Run the scripts of freshly loaded markup, which innerHTML leaves alone. */
  function runScripts(element) {
    for (const old of element.querySelectorAll("script")) {
      const fresh = document.createElement("script");
      for (const { name, value } of old.attributes) fresh.setAttribute(name, value);
      fresh.textContent = old.textContent;
      old.replaceWith(fresh);
    }
  }

  /** Put the answer's text into ELEMENT the way its headers say. */
  function place(element, response, text) {
    const mode = response.headers.get("web2py-component-content");
    if (mode === "hide") element.hidden = true;
    else if (mode === "prepend") element.insertAdjacentHTML("afterbegin", text);
    else if (mode === "append") element.insertAdjacentHTML("beforeend", text);
    else element.innerHTML = text;
    runScripts(element);
    start(element);
  }

  /** Send a request for the component TARGET and carry out what the answer asks for. */
  async function load(method, address, data, target) {
    const element = target ? byId(target) : null;
    const headers = { "X-Requested-With": "XMLHttpRequest", "web2py-component-location": document.location.href };
    if (target) headers["web2py-component-element"] = target;
    const options = { method: method.toUpperCase(), headers, credentials: "same-origin", body: null };
    if (data && options.method === "GET") {
      address += (address.includes("?") ? "&" : "?") + new URLSearchParams(data);
    } else if (data) {
      options.body = data;
    }
    if (element) element.setAttribute("aria-busy", "true");
    try {
      const response = await fetch(address, options);
      const text = await response.text();
      const away = response.headers.get("web2py-redirect-location");
      if (away) { window.location.assign(away); return; }
      const message = response.headers.get("web2py-component-flash");
      if (message) flash(decodeURIComponent(message));
      if (element) place(element, response, text);
      const command = response.headers.get("web2py-component-command");
      if (command) new Function(decodeURIComponent(command)).call(element || window);
    } catch (problem) {
      if (element) element.textContent = "This part could not be loaded.";
      console.error(problem);
    } finally {
      if (element) element.removeAttribute("aria-busy");
    }
  }

  /** Load ELEMENT's address now, and again as often as its attributes say. */
  function component(element) {
    const address = element.dataset.w2p_remote;
    if (!address || element.dataset.w2pStarted) return;
    element.dataset.w2pStarted = "yes";
    if (!element.id) element.id = "c" + Math.random().toString(36).slice(2);
    const wanted = element.dataset.w2p_times || "1";
    let left = /^(infinity|continuous)$/i.test(wanted) ? Infinity : parseInt(wanted, 10) || 1;
    const pause = parseInt(element.dataset.w2p_timeout, 10) || 1000;
    const again = async () => {
      if (!element.isConnected) return;
      await load("GET", address, null, element.id);
      left -= 1;
      if (left > 0) window.setTimeout(again, pause);
    };
    again();
  }

  /** Start what is below ROOT: components that wait to be loaded. */
  function start(root) {
    root.querySelectorAll("[data-w2p_remote]").forEach(component);
  }

  /** The component around NODE, null outside of one. */
  const around = (node) => node.closest("[data-w2p_remote], [data-w2p_trapped]");

  /** Mark BUTTON as busy; returns the function that sets it free. */
  function busy(button) {
    if (!button) return () => {};
    const isInput = button.tagName === "INPUT";
    const text = isInput ? button.value : button.innerHTML;
    const other = button.dataset.w2p_disable_with;
    button.disabled = true;
    if (other && other !== "default") {
      if (isInput) button.value = other; else button.textContent = other;
    }
    return () => {
      button.disabled = false;
      if (isInput) button.value = text; else button.innerHTML = text;
    };
  }

  document.addEventListener("submit", (event) => {
    const form = event.target;
    const button = event.submitter;
    const question = (button && button.dataset.w2p_confirm) || form.dataset.w2p_confirm;
    if (question && !window.confirm(question)) { event.preventDefault(); return; }
    if (form.dataset.w2pSent) { event.preventDefault(); return; }
    form.dataset.w2pSent = "yes";
    const part = around(form);
    const data = new FormData(form, button);
    const free = busy(button);
    const done = () => { delete form.dataset.w2pSent; free(); };
    if (part && !form.hasAttribute("data-w2p_no_trap")) {
      event.preventDefault();
      const own = form.getAttribute("action");
      const address = own && own !== "#" ? own : part.dataset.w2p_remote || part.dataset.w2p_trapped;
      load(form.method || "POST", address, data, part.id).finally(done);
    } else {
      window.addEventListener("pageshow", done, { once: true }); // the visitor came back by the Back button
      window.setTimeout(done, 10000);
    }
  });

  document.addEventListener("click", (event) => {
    const link = event.target.closest("a[data-w2p_confirm], a[data-w2p_method], a[data-w2p_target], a.w2p_trap");
    if (!link || link.closest("form")) return;
    if (link.dataset.w2p_confirm && !window.confirm(link.dataset.w2p_confirm)) { event.preventDefault(); return; }
    const part = around(link);
    const target = link.dataset.w2p_target || (link.classList.contains("w2p_trap") && part ? part.id : null);
    if (!target && !link.dataset.w2p_method) return;
    event.preventDefault();
    const done = load(link.dataset.w2p_method || "GET", link.href, null, target);
    const remove = link.dataset.w2p_remove;
    if (remove) done.then(() => { const gone = link.closest(remove); if (gone) gone.remove(); });
  });

  /* The documented functions that pages call by themselves. */
  window.web2py_component = (action, target, timeout, times) => {
    const element = byId(target);
    if (!element) return;
    element.dataset.w2p_remote = action;
    if (timeout) element.dataset.w2p_timeout = timeout;
    if (times) element.dataset.w2p_times = times;
    delete element.dataset.w2pStarted;
    component(element);
  };
  window.web2py_ajax_page = (method, action, data, target) => load(method, action, data, target);
  window.web2py_trap_form = (action, target) => {
    const element = byId(target);
    if (element) element.dataset.w2p_trapped = action;
  };
  window.web2py_flash = flash;

  /** ajax(address, names or form, target): post fields by name; the answer goes into TARGET, or is run for ":eval". */
  window.ajax = async (address, fields, target) => {
    let data = new FormData();
    if (fields instanceof HTMLFormElement) data = new FormData(fields);
    else for (const name of fields || []) {
      const field = document.querySelector(`[name="${CSS.escape(name)}"], #${CSS.escape(name)}`);
      if (field && !(field.type === "checkbox" && !field.checked)) data.append(name, field.value);
    }
    const response = await fetch(address, { method: "POST", body: new URLSearchParams(data), credentials: "same-origin",
      headers: { "X-Requested-With": "XMLHttpRequest" } });
    const text = await response.text();
    if (target === ":eval") new Function(text)();
    else if (typeof target === "function") target(text);
    else if (target && byId(target)) { byId(target).innerHTML = text; runScripts(byId(target)); start(byId(target)); }
  };

  if (document.readyState === "loading") document.addEventListener("DOMContentLoaded", () => start(document));
  else start(document);
})();
