// The browser's own voice reads the page out, sentence by sentence, and stops when it is asked to.
const button = document.querySelector("[data-aloud]");
const voice = window.speechSynthesis;

function sentences() {
  const text = document.querySelector("main").innerText;
  return text.split(/(?<=[。！？；.!?])|\n+/).map((part) => part.trim()).filter(Boolean);
}

function show(speaking) {
  button.textContent = speaking ? button.dataset.stop : button.dataset.start;
  button.setAttribute("aria-pressed", String(speaking));
}

function stop() {
  voice.cancel();
  show(false);
}

function start() {
  voice.cancel();
  const parts = sentences();
  parts.forEach((part, at) => {
    const said = new SpeechSynthesisUtterance(part);
    said.lang = document.documentElement.lang;
    said.rate = 0.9;
    if (at === parts.length - 1) said.onend = () => show(false);
    said.onerror = () => show(false);
    voice.speak(said);
  });
  show(parts.length > 0);
}

if (button && voice) {
  button.hidden = false;
  button.addEventListener("click", () => (button.getAttribute("aria-pressed") === "true" ? stop() : start()));
  addEventListener("pagehide", () => voice.cancel());
}
