// What the page does in the browser: opens passages and documents beside the conversation, copies references,
// sends on Enter. All HTML comes escaped from the server; this file never builds markup out of text.
(() => {
  "use strict";

  const FAILED = "没有连上服务，请检查程序是否还在运行，然后再试一次。";
  const CHANGED = "文件在回答之后有更新，这里的文字可能与引用不同，请以现在的文件为准。";
  const NARROW = matchMedia("(max-width: 900px)");
  let opener = null; // what to return to when the pane is closed
  let openerName = ""; // its selector, when it is a button of the conversation
  let asked = 0; // only the newest request may fill the pane
  let focused = ""; // the selector of the button of the conversation that has the focus

  const find = (selector) => document.querySelector(selector);
  const paneBody = () => find("#pane-body");

  async function fill(path, { reading = false, focus = true } = {}) {
    const turn = ++asked;
    let html = null;
    try {
      const response = await fetch(path, { headers: { Accept: "text/html" } });
      if (!response.headers.get("content-type")?.startsWith("text/html")) throw new TypeError("not a piece of the page");
      html = await response.text();
    } catch {
      html = null;
    }
    const body = paneBody();
    if (turn !== asked || !body) return false;
    if (html === null) showNote(body, FAILED, true);
    else body.innerHTML = html;
    document.body.classList.toggle("reading", reading && html !== null);
    body.scrollTop = 0;
    if (focus) {
      document.body.classList.add("pane-open");
      body.focus({ preventScroll: true });
      showCited(body);
    }
    return html !== null;
  }

  function showNote(body, text, alone = false) {
    const note = document.createElement("p");
    note.className = alone ? "wait" : "remark";
    note.setAttribute("role", "alert");
    note.textContent = text;
    if (alone) body.replaceChildren(note);
    else body.querySelector(".original")?.before(note);
  }

  function showCited(body) {
    const cited = body.querySelector("#cited");
    if (!cited) return;
    const box = body.getBoundingClientRect();
    const at = cited.getBoundingClientRect();
    const spare = Math.max(body.clientHeight / 4, (body.clientHeight - at.height) / 2);
    if (at.top < box.top || at.bottom > box.bottom) body.scrollTop += at.top - box.top - spare;
  }

  const documentPath = (id) => `page/documents/${encodeURIComponent(id)}`;

  // With each step of an answer the conversation is drawn anew, and a button of it may become another element or lose
  // its attributes; so it is known by a selector.
  function nameOf(button) {
    const card = button?.closest("#conversation .answer");
    if (!card) return "";
    const { open, start, end } = button.dataset;
    const place = `[data-open="${CSS.escape(open)}"][data-start="${start}"][data-end="${end}"]`;
    const number = [...card.parentElement.children].indexOf(card) + 1;
    return `#conversation .talk > :nth-child(${number}) .${button.className}${place}`;
  }

  async function openPassage(button) {
    const { open, start, end, label, quote } = button.dataset;
    const place = new URLSearchParams({ start, end, label });
    document.querySelectorAll("[data-open][aria-current]").forEach((old) => old.removeAttribute("aria-current"));
    button.setAttribute("aria-current", "true");
    opener = button;
    openerName = nameOf(button);
    if (!(await fill(`${documentPath(open)}/passage?${place}`))) return;
    const cited = paneBody().querySelector("#cited");
    if (cited && cited.textContent !== quote) showNote(paneBody(), CHANGED);
  }

  function openDocument(button) {
    const { document: id, start, end } = button.dataset;
    const place = start ? `?${new URLSearchParams({ start, end })}` : "";
    fill(documentPath(id) + place, { reading: true });
  }

  function closePane() {
    document.body.classList.remove("pane-open", "reading");
    // The conversation may have been drawn again since; then the question box is the place to go on.
    (opener?.isConnected ? opener : find("#question textarea"))?.focus();
    opener = null;
    openerName = "";
  }

  async function copy(button) {
    const done = await copyText(button.dataset.copy);
    const before = (button.dataset.name ??= button.textContent);
    button.textContent = done ? "已复制" : "复制不了，请选中文字后复制";
    setTimeout(() => (button.textContent = before), 2000);
  }

  async function copyText(text) {
    try {
      await navigator.clipboard.writeText(text);
      return true;
    } catch {
      return copyOldWay(text); // the clipboard is closed to pages that do not come over https or from this computer
    }
  }

  function copyOldWay(text) {
    const focused = document.activeElement;
    const box = document.createElement("textarea");
    box.value = text;
    box.style.cssText = "position:fixed;opacity:0";
    document.body.append(box);
    box.select();
    const done = document.execCommand("copy");
    box.remove();
    focused?.focus();
    return done;
  }

  function put(text) {
    const box = find("#question textarea");
    box.value = text;
    box.dispatchEvent(new Event("input", { bubbles: true }));
  }

  async function send() {
    await new Promise(requestAnimationFrame); // Gradio takes the typed text over first
    find("#send")?.click();
  }

  const CLICKS = [
    ["[data-copy]", copy],
    ["[data-open]", openPassage],
    ["[data-document]", openDocument],
    ["[data-list]", (button) => { opener = button; openerName = ""; fill("page/documents"); document.body.classList.remove("reading"); }],
    ["[data-close]", closePane],
    ["[data-ask]", (button) => { put(button.textContent); send(); }],
  ];

  document.addEventListener("click", (event) => {
    const target = event.target instanceof Element ? event.target : null;
    for (const [selector, act] of CLICKS) {
      const button = target?.closest(selector);
      if (button) return void act(button);
    }
  });

  // Before Gradio sees the key. Enter that ends the input of a Chinese word (isComposing, or 229) must not send.
  document.addEventListener("keydown", (event) => {
    if (event.key === "Escape" && (document.body.classList.contains("pane-open"))) return closePane();
    if (event.key !== "Enter" || !event.target.closest?.("#question")) return;
    event.stopPropagation();
    if (event.shiftKey || event.isComposing || event.keyCode === 229) return;
    event.preventDefault();
    if (event.target.value.trim()) send();
  }, true);

  document.addEventListener("focusin", (event) => (focused = nameOf(event.target.closest("[data-open]"))));

  // What is shown in the pane stays marked and what had the focus keeps it, though the conversation was drawn anew.
  function keep() {
    const again = openerName && find(openerName);
    if (again) {
      opener = again;
      again.setAttribute("aria-current", "true");
    }
    if (focused && document.activeElement === document.body) find(focused)?.focus({ preventScroll: true });
  }

  function follow(conversation) {
    let near = true;
    conversation.addEventListener("scroll", () => {
      near = conversation.scrollHeight - conversation.scrollTop - conversation.clientHeight < 120;
    });
    let questions = 0;
    new MutationObserver(() => {
      const now = conversation.querySelectorAll(".asked").length;
      if (now > questions) near = true; // whoever asks wants to see the answer
      questions = now;
      keep();
      if (near && now) conversation.scrollTop = conversation.scrollHeight;
    }).observe(conversation, { childList: true, subtree: true, characterData: true });
  }

  function begin() {
    document.documentElement.lang = "zh-CN";
    const conversation = find("#conversation");
    const box = find("#question textarea");
    if (!conversation || !box || !find("#send") || !paneBody()) return setTimeout(begin, 50); // still being drawn
    box.setAttribute("aria-label", "问题");
    follow(conversation);
    fill("page/documents", { focus: false });
    if (!NARROW.matches) box.focus();
  }
  begin();
})();
