// The shell's words, and elements made from them. Text goes in as text, never as markup.

export const WORDS = JSON.parse(document.getElementById("words").textContent);

export function say(key, values = {}) {
  return WORDS[key].replace(/%\((\w+)\)s/g, (_, name) => values[name]);
}

export function h(tag, attributes = {}, ...children) {
  const element = document.createElement(tag);
  for (const [name, value] of Object.entries(attributes)) {
    if (name.startsWith("on")) element.addEventListener(name.slice(2), value);
    else if (value === true) element.setAttribute(name, "");
    else if (value !== false && value !== null && value !== undefined) element.setAttribute(name, value);
  }
  element.append(...children.flat(Infinity).filter((child) => child !== null && child !== undefined && child !== false));
  return element;
}

export function money(fen) {
  const yuan = Math.trunc(fen / 100).toString().replace(/\B(?=(\d{3})+$)/g, ",");
  return `¥${yuan}.${String(fen % 100).padStart(2, "0")}`;
}

const CLOCK = new Intl.DateTimeFormat("zh-CN", { hour: "2-digit", minute: "2-digit", hour12: false, timeZone: "Asia/Shanghai" });
export const hour = (moment) => CLOCK.format(new Date(moment));

export const notice = (kind, ...children) => h("div", { class: `notice ${kind}`, role: "status" }, h("div", {}, ...children));
export const pill = (text, kind = "") => h("span", { class: `pill ${kind}` }, text);
export const button = (text, onclick, style = "", attributes = {}) => h("button", { type: "button", class: `btn ${style}`, onclick, ...attributes }, text);

export function choice(type, name, text, attributes) {
  return h("label", { class: "choice" }, h("input", { type, name, ...attributes }), h("span", {}, text));
}
