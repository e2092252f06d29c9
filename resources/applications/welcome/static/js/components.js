/* Parts of a page that load by themselves, forms and links inside them, a question before a loss,
   and a guard against sending twice. No framework; every current browser.

   data-w2p_remote="ADDRESS"      load ADDRESS into this element;
   data-w2p_times, _timeout       how often ("infinity" for ever), and milliseconds between
   data-w2p_trapped="ADDRESS"     forms inside are sent in the background, to ADDRESS unless they name their own
   data-w2p_shown="ADDRESS"       written here: where the content came from; forms inside go there instead. So is
                                  _trapped, on an element that becomes a part when a link loads something into it
   data-w2p_method="GET|POST"     on a link: ask for its address in the background ...
   data-w2p_target="ID"           ... and put the answer into the element ID
   data-w2p_remove="SELECTOR"     ... and then remove the closest element that matches
   data-w2p_pre_call="SCRIPT"     run before that
   data-w2p_confirm="QUESTION"    ask before a link is followed or a form sent ("default": the page's question)
   data-w2p_disable_with="TEXT"   text of the link or button meanwhile ("default": the page's text)
   class "w2p_trap" on a link     load its address into the part around it
   class "no_trap" on a form      let the browser send it although it is inside a part

   Functions: ajax, web2py_component, web2py_ajax_page, web2py_trap_form, web2py_flash. */
(function () {
  "use strict";

  const byId = (id) => document.getElementById(id);
  const attribute = (element, name) => element.getAttribute("data-w2p_" + name);

  /** Text NAME of the page, from its meta tags, in the visitor's language. */
  function words(name, otherwise) {
    const tag = document.querySelector(`meta[name="w2p-${name}"]`);
    return tag ? tag.content : otherwise;
  }

  /** Decode a percent-encoded header; one that an application wrote by hand may hold a bare "%". */
  function decode(text) {
    try { return decodeURIComponent(text); } catch { return text; }
  }

  const flashBar = () => document.querySelector(".flash, .w2p_flash");

  /** Show MARKUP, made by the server, in the flash bar; style sheets hide an empty one. */
  function flash(markup) {
    const bar = flashBar();
    if (bar) bar.innerHTML = markup || "";
  }

  // -- requests -----------------------------------------------------------------------------------

  /** Send a request; carry out what the headers of the answer ask for. Resolves to {ok, text, url, mode, command}. */
  async function send(method, address, data, target) {
    const url = new URL(address, document.baseURI);
    const options = { method: method.toUpperCase(), credentials: "same-origin", headers: {
      "X-Requested-With": "XMLHttpRequest", "web2py-component-location": document.location.href } };
    if (target) options.headers["web2py-component-element"] = target;
    if (options.method === "GET" || options.method === "HEAD") {
      const query = new URLSearchParams(data || "");
      for (const name of new Set(query.keys())) url.searchParams.delete(name);
      query.forEach((value, name) => url.searchParams.append(name, value));
    } else if (data) {
      options.body = [...data.values()].some((value) => value instanceof File) ? data : new URLSearchParams(data);
    }
    const response = await fetch(url, options);
    const text = await response.text();
    const away = response.headers.get("web2py-redirect-location");
    if (away) {
      window.location.assign(away);
      return { ok: true, text: "", mode: "hide", command: null };
    }
    const message = response.headers.get("web2py-component-flash");
    if (message) flash(decode(message));
    return { ok: response.ok, text, url: response.url, mode: response.headers.get("web2py-component-content") || "replace",
      command: response.headers.get("web2py-component-command") };
  }

  /** Put markup into ELEMENT; its scripts run once, in order, and its parts start. */
  function place(element, mode, markup) {
    if (mode === "hide") return;
    const range = document.createRange();
    range.selectNodeContents(element);
    const fragment = range.createContextualFragment(markup);
    const fresh = [...fragment.children];
    if (mode === "prepend") element.prepend(fragment);
    else if (mode === "append") element.append(fragment);
    else element.replaceChildren(fragment);
    for (const node of fresh) start(node);
  }

  /** Say in ELEMENT that its part could not be had; a form or text that is there stays. */
  function showFault(element, result) {
    const box = document.createElement("p");
    box.className = "w2p_fault";
    box.setAttribute("role", "alert");
    box.textContent = words("fault", "This part could not be loaded.");
    if (result.text) {
      const page = new DOMParser().parseFromString(result.text, "text/html");
      const said = page.body.textContent.trim().replace(/\s+/g, " ");
      if (said) box.append(" ", said.length > 200 ? said.slice(0, 199) + "\u2026" : said);
    }
    if (element.querySelector(":scope > .w2p_component_loading")) element.replaceChildren();
    element.prepend(box);
  }

  function clearFault(element) {
    element.querySelectorAll(":scope > .w2p_fault").forEach((box) => box.remove());
  }

  const STOPS = "a[href], button, input:not([type=hidden]), select, textarea, [tabindex]";

  /** Remember where in ELEMENT the keyboard is. Returns what brings it there again when the content was replaced. */
  function keepPlace(element) {
    const index = [...element.querySelectorAll(STOPS)].indexOf(document.activeElement);
    if (index < 0) return () => {};
    return () => window.setTimeout(() => { // by then a button that was busy is free
      if (document.activeElement && document.activeElement !== document.body) return; // the visitor went elsewhere
      const stops = element.querySelectorAll(STOPS);
      const next = element.querySelector("[autofocus]") || stops[Math.min(index, stops.length - 1)] || element;
      if (next === element) element.tabIndex = -1;
      next.focus({ preventScroll: true });
    });
  }

  const latest = new WeakMap(); // element -> number of its newest request; an older answer is left aside

  const PART = "[data-w2p_remote], [data-w2p_trapped]";

  /** Ask for ADDRESS and show the answer in the element with the id TARGET, whose forms are sent in the
      background from then on unless PLAIN is true. Resolves to whether that went well. */
  async function load(method, address, data, target, plain) {
    const element = target ? byId(target) : null;
    const number = element ? (latest.get(element) || 0) + 1 : 0;
    const goBack = element ? keepPlace(element) : null;
    if (element) {
      latest.set(element, number);
      element.setAttribute("aria-busy", "true");
    }
    let result = { ok: false, text: "" };
    try {
      result = await send(method, address, data, target);
    } catch (problem) { // no answer at all
      console.error(problem);
    }
    if (element && latest.get(element) === number) {
      element.removeAttribute("aria-busy");
      clearFault(element);
      if (result.ok && result.mode !== "hide" && !plain && !element.matches(PART))
        element.setAttribute("data-w2p_trapped", result.url);
      if (result.ok && result.mode === "replace") element.setAttribute("data-w2p_shown", result.url);
      if (result.ok) place(element, result.mode, result.text);
      else showFault(element, result);
      goBack();
    } else if (!element && !result.ok) {
      flash("");
      showFault(flashBar() || document.body, result);
    }
    run(result, element);
    return result.ok;
  }

  /** Run the script that came with an answer. */
  function run(result, element) {
    if (!result.command) return;
    try {
      new Function(decode(result.command)).call(element || window);
    } catch (problem) {
      console.error(problem);
    }
  }

  // -- parts of the page ----------------------------------------------------------------------------

  const started = new WeakMap(); // element -> its running repetition

  /** Load ELEMENT's address now, and again as often as its attributes say. */
  function component(element) {
    const address = attribute(element, "remote");
    if (!address) return;
    if (!element.id) element.id = "c" + Math.random().toString(36).slice(2);
    const round = {};
    started.set(element, round);
    const wanted = attribute(element, "times") || "1";
    let left = /^(infinity|continuous)$/i.test(wanted) ? Infinity : parseInt(wanted, 10) || 1;
    const pause = parseInt(attribute(element, "timeout"), 10) || 1000;
    const again = async () => {
      if (!element.isConnected || started.get(element) !== round) return;
      if (element.getAttribute("aria-busy") !== "true") { // a form of it may be under way
        await load("GET", address, null, element.id);
        left -= 1;
      }
      if (left > 0) window.setTimeout(again, pause);
    };
    again();
  }

  /** Start the parts that wait in and below ROOT. */
  function start(root) {
    const parts = [...root.querySelectorAll("[data-w2p_remote]")];
    if (root.matches && root.matches("[data-w2p_remote]")) parts.unshift(root);
    for (const part of parts) if (!started.has(part)) component(part);
  }

  /** The part around NODE, null outside of one. */
  const around = (node) => node.closest(PART);

  // -- forms and links ------------------------------------------------------------------------------

  /** Ask the question of the first of ELEMENTS that has one; true when there is none. */
  function agreed(...elements) {
    const asking = elements.find((element) => element && attribute(element, "confirm"));
    if (!asking) return true;
    const question = attribute(asking, "confirm");
    return window.confirm(question === "default" ? words("confirm", "Are you sure?") : question);
  }

  /** Mark a link or button as busy; returns the function that sets it free. */
  function busy(element) {
    if (!element) return () => {};
    const isInput = element.tagName === "INPUT";
    const isLink = element.tagName === "A";
    const before = isInput ? element.value : [...element.childNodes];
    const asked = attribute(element, "disable_with");
    if (isLink) element.setAttribute("aria-disabled", "true");
    else element.disabled = true;
    let shown = null;
    if (asked) {
      shown = document.createTextNode(asked === "default" ? words("working", "Working\u2026") : asked);
      if (isInput) element.value = shown.data;
      else element.replaceChildren(shown);
    }
    return () => {
      if (isLink) element.removeAttribute("aria-disabled");
      else element.disabled = false;
      if (!asked) return;
      if (isInput) element.value = before;
      else if (shown.parentNode === element) element.replaceChildren(...before); // else the answer stands there
    };
  }

  const under = new WeakSet(); // forms under way

  document.addEventListener("submit", (event) => {
    const form = event.target;
    const button = event.submitter;
    if (event.defaultPrevented) return;
    if (under.has(form) || !agreed(button, form)) { event.preventDefault(); return; }
    const own = (name) => (button && button.getAttribute("form" + name)) || form.getAttribute(name) || "";
    if (own("method").toLowerCase() === "dialog") return;
    under.add(form);
    const part = form.classList.contains("no_trap") || own("target") ? null : around(form);
    if (part) {
      event.preventDefault();
      const data = new FormData(form, button);
      const free = busy(button);
      const action = own("action");
      const address = action && action !== "#" ? action
        : attribute(part, "shown") || attribute(part, "trapped") || attribute(part, "remote");
      load(own("method") || "GET", address, data, part.id).finally(() => { under.delete(form); free(); });
      return;
    }
    let free = () => {};
    window.setTimeout(() => { free = busy(button); }); // a disabled button would not be sent
    const done = () => { under.delete(form); free(); };
    window.addEventListener("pageshow", done, { once: true }); // back by the Back button
    window.setTimeout(done, 5000); // the answer may be a file to save: the page stays
  });

  document.addEventListener("click", async (event) => {
    const link = event.target.closest && event.target.closest("a");
    if (!link || event.defaultPrevented || event.button !== 0) return;
    const method = attribute(link, "method");
    const part = link.classList.contains("w2p_trap") ? around(link) : null;
    const target = attribute(link, "target") || (part ? part.id : "");
    const remove = attribute(link, "remove");
    const background = method || target || remove;
    if (link.getAttribute("aria-disabled") === "true") { event.preventDefault(); return; }
    // Ctrl, Shift, Cmd: a new tab or window, for what only reads.
    if ((event.ctrlKey || event.metaKey || event.shiftKey) && (!method || method === "GET")) return;
    if (!agreed(link)) { event.preventDefault(); return; }
    const before = attribute(link, "pre_call");
    if (before) new Function(before).call(link);
    if (!background) return;
    event.preventDefault();
    const gone = remove ? link.closest(remove) : null;
    const free = busy(link);
    const fine = await load(method || "GET", link.href, null, target);
    free();
    if (fine && gone) gone.remove();
  });

  // -- functions for pages ----------------------------------------------------------------------------

  /** Load ACTION into the element TARGET: TIMES times, TIMEOUT milliseconds apart. */
  window.web2py_component = (action, target, timeout, times) => {
    const element = byId(target);
    if (!element) return;
    element.setAttribute("data-w2p_remote", action);
    if (timeout) element.setAttribute("data-w2p_timeout", timeout);
    if (times) element.setAttribute("data-w2p_times", times);
    component(element);
  };

  /** Send DATA (FormData, a form, an object or a query) to ACTION; the answer goes into the element TARGET. */
  window.web2py_ajax_page = (method, action, data, target) => load(method, action, dataOf(data), target);

  /** Send the forms inside the element TARGET in the background, to ACTION unless they name their own. */
  window.web2py_trap_form = (action, target) => {
    const element = byId(target);
    if (!element) return;
    element.setAttribute("data-w2p_trapped", action);
    element.removeAttribute("data-w2p_shown");
  };

  window.web2py_flash = flash;

  /** FormData of what a caller may give; null for nothing. */
  function dataOf(source) {
    if (!source || source instanceof FormData) return source || null;
    if (source instanceof HTMLFormElement) return new FormData(source);
    const data = new FormData();
    new URLSearchParams(source).forEach((value, name) => data.append(name, value));
    return data;
  }

  /** The fields of the page called NAME (or, failing that, with this id), as a form would send them. */
  function fieldsNamed(name, data) {
    const quoted = CSS.escape(name);
    let fields = document.querySelectorAll(`:is(input, select, textarea)[name="${quoted}"]`);
    if (!fields.length) fields = document.querySelectorAll(`:is(input, select, textarea)#${quoted}`);
    for (const field of fields) {
      if (field.disabled || (/^(checkbox|radio)$/.test(field.type) && !field.checked)) continue;
      if (field.type === "file") for (const file of field.files) data.append(name, file);
      else if (field.multiple && field.options) for (const o of field.selectedOptions) data.append(name, o.value);
      else data.append(name, field.value);
    }
  }

  /** Post the fields called NAMES (or a form) to ADDRESS. The answer goes into the element
      TARGET, to TARGET when that is a function, or is run as a script when TARGET is ":eval". */
  window.ajax = async (address, names, target) => {
    let data = new FormData();
    if (Array.isArray(names)) for (const name of names) fieldsNamed(name, data);
    else data = dataOf(names);
    if (target && target !== ":eval" && typeof target !== "function") {
      await load("POST", address, data, target, true);
      return;
    }
    const result = await send("POST", address, data, null);
    if (result.ok && typeof target === "function") target(result.text);
    else if (result.ok && target) new Function(result.text)();
    run(result, null);
  };

  if (document.readyState === "loading") document.addEventListener("DOMContentLoaded", () => start(document));
  else start(document);
})();
