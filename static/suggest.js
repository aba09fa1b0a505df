// Suggestions while typing, as an ARIA combobox with a listbox; and the browser's own speech, where it has one.
// Without this script the field is a field and the button finds. Nothing here submits what was not confirmed.
const field = document.querySelector("form.search [data-suggest]");
const form = field?.form;
if (form) {
  const list = document.createElement("ul");
  list.id = "suggestions";
  list.className = "suggestions";
  list.setAttribute("role", "listbox");
  list.setAttribute("aria-label", field.dataset.label);
  list.hidden = true;
  form.append(list);
  for (const [name, value] of Object.entries({
    role: "combobox", "aria-autocomplete": "list", "aria-expanded": "false", "aria-controls": list.id,
  })) field.setAttribute(name, value);
  let chosen = -1, timer = 0, asked = 0;

  const close = () => {
    list.hidden = true;
    list.replaceChildren();
    chosen = -1;
    field.setAttribute("aria-expanded", "false");
    field.removeAttribute("aria-activedescendant");
  };
  const take = (word) => { field.value = word; close(); form.requestSubmit(); };
  const mark = (index) => {
    chosen = index;
    [...list.children].forEach((item, at) => item.setAttribute("aria-selected", String(at === index)));
    if (index < 0) field.removeAttribute("aria-activedescendant");
    else field.setAttribute("aria-activedescendant", list.children[index].id);
  };
  const show = (words) => {
    list.replaceChildren(...words.map((word, at) => {
      const item = document.createElement("li");
      item.id = `suggestion-${at}`;
      item.setAttribute("role", "option");
      item.setAttribute("aria-selected", "false");
      item.textContent = word;
      item.addEventListener("pointerdown", (event) => { event.preventDefault(); take(word); });
      return item;
    }));
    mark(-1);
    list.hidden = !words.length;
    field.setAttribute("aria-expanded", String(words.length > 0));
  };
  const ask = async () => {
    const turn = ++asked, typed = field.value.trim();
    if (!typed || navigator.connection?.saveData) return close();
    try {
      const answer = await fetch(`${field.dataset.suggest}?q=${encodeURIComponent(typed)}`);
      if (answer.ok && turn === asked) show((await answer.json()).words);
    } catch { close(); }
  };
  field.addEventListener("input", (event) => {
    clearTimeout(timer);
    if (!event.isComposing) timer = setTimeout(ask, 200);
  });
  field.addEventListener("compositionend", ask);
  field.addEventListener("blur", () => { asked++; close(); });
  field.addEventListener("keydown", (event) => {
    const last = list.children.length - 1;
    if (event.key === "Escape" && !list.hidden) { event.preventDefault(); close(); }
    if (list.hidden || last < 0) return;
    if (event.key === "ArrowDown") { event.preventDefault(); mark(chosen >= last ? -1 : chosen + 1); }
    if (event.key === "ArrowUp") { event.preventDefault(); mark(chosen < 0 ? last : chosen - 1); }
    if (event.key === "Enter" && chosen >= 0) { event.preventDefault(); take(list.children[chosen].textContent); }
  });

  const Speech = window.SpeechRecognition ?? window.webkitSpeechRecognition;
  const button = form.querySelector("[data-speak]");
  const understood = (text) => {
    const said = text.replace(/[。，？！\s]+$/u, "");
    location.assign(`${form.action}?q=${encodeURIComponent(said)}&said=1`);
  };
  if (!Speech && button?.dataset.listen) {
    import(button.dataset.listener).then(({ listen }) => listen(form, button, understood));
  }
  if (Speech && button) {
    button.hidden = false;
    button.addEventListener("click", () => {
      const ears = new Speech();
      ears.lang = "zh-CN";
      button.setAttribute("aria-pressed", "true");
      ears.onresult = (event) => understood(event.results[0][0].transcript);
      ears.onend = ears.onerror = () => button.setAttribute("aria-pressed", "false");
      ears.start();
    });
  }
}
