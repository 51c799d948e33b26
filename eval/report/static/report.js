/* Filters over the questions. The address keeps what is chosen (#set=…&wrong=1), or names one question (#dev/d001). */
"use strict";
(() => {
  const form = document.getElementById("filters");
  if (!form) return;
  const questions = [...document.querySelectorAll("details.question")];
  const lists = [...document.querySelectorAll(".list")];
  const count = document.getElementById("count");
  const chosen = ["set", "category", "document", "reason"];
  const texts = new Map();

  const plain = (text) => text.normalize("NFKC").toLowerCase().replace(/\s+/g, "");
  const textOf = (question) => {
    if (!texts.has(question)) texts.set(question, plain(question.textContent));
    return texts.get(question);
  };
  const state = () => {
    const told = new URLSearchParams();
    for (const [name, value] of new FormData(form)) if (value.trim()) told.set(name, value.trim());
    return told;
  };

  function apply() {
    const told = state();
    const wanted = plain(told.get("text") || "");
    let shown = 0;
    for (const question of questions) {
      const fits =
        chosen.every((name) => !told.has(name) || question.dataset[name] === told.get(name)) &&
        (!told.has("wrong") || question.dataset.reason !== "") &&
        (!wanted || textOf(question).includes(wanted));
      question.hidden = !fits;
      shown += fits;
    }
    for (const list of lists) list.hidden = !list.querySelector("details.question:not([hidden])");
    count.textContent = `显示 ${shown} / ${questions.length} 题`;
  }

  function fill(told) {
    form.reset();
    for (const [name, value] of told) {
      const field = form.elements.namedItem(name);
      if (!field) continue;
      if (field.type === "checkbox") field.checked = true;
      else field.value = value;
      if (field.tagName === "SELECT" && field.selectedIndex < 0) field.value = "";
    }
  }

  function keep() {
    const told = state().toString();
    history.replaceState(null, "", location.href.split("#")[0] + (told ? `#${told}` : ""));
    apply();
  }

  function follow() {
    const told = location.hash.slice(1);
    if (told.includes("=")) {
      fill(new URLSearchParams(told));
      apply();
      document.getElementById("questions").scrollIntoView({ behavior: "instant" });
      return;
    }
    const question = questions.find((one) => one.id === told);
    if (!question) return;
    if (question.hidden) {
      form.reset();
      apply();
    }
    question.open = true;
    question.scrollIntoView({ behavior: "instant" });
    question.querySelector("summary").focus({ preventScroll: true });
  }

  form.hidden = false;
  form.addEventListener("submit", (event) => event.preventDefault());
  form.addEventListener("input", keep);
  form.addEventListener("reset", () => setTimeout(keep));
  for (const [id, open] of [["open", true], ["close", false]]) {
    document.getElementById(id).addEventListener("click", () => {
      for (const question of questions) if (!question.hidden) question.open = open;
    });
  }
  addEventListener("hashchange", follow);
  apply();
  follow();
})();
