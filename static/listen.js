// Speech for browsers without their own: ten seconds at most are recorded and sent to the county's recognizer.
// The first touch says what will happen; only the second one records. What was heard is confirmed on its page.
const SECONDS = 10;
const KIND = ["audio/webm", "audio/mp4", "audio/ogg"].find((kind) => window.MediaRecorder?.isTypeSupported(kind));

export function listen(form, button, understood) {
  if (!KIND || !navigator.mediaDevices) return;
  const said = document.createElement("p");
  said.setAttribute("role", "status");
  said.className = "small";
  form.after(said);
  let recorder = null, told = false;

  const send = async (sound) => {
    said.textContent = button.dataset.waits;
    const token = document.querySelector("input[name=csrf_token]").value;
    const headers = { "Content-Type": KIND, "X-CSRFToken": token, Accept: "application/json" };
    try {
      const answer = await fetch(button.dataset.listen, { method: "POST", body: sound, headers });
      const { words, error } = await answer.json();
      if (words) understood(words);
      else said.textContent = error;
    } catch { said.textContent = button.dataset.fails; }
  };

  const record = async () => {
    let stream;
    try { stream = await navigator.mediaDevices.getUserMedia({ audio: true }); }
    catch { said.textContent = button.dataset.fails; return; }
    const pieces = [];
    recorder = new MediaRecorder(stream, { mimeType: KIND });
    recorder.ondataavailable = (event) => pieces.push(event.data);
    recorder.onstop = () => {
      stream.getTracks().forEach((track) => track.stop());
      recorder = null;
      button.setAttribute("aria-pressed", "false");
      send(new Blob(pieces, { type: KIND }));
    };
    recorder.start();
    button.setAttribute("aria-pressed", "true");
    said.textContent = button.dataset.hears;
    setTimeout(() => recorder?.stop(), SECONDS * 1000);
  };

  button.hidden = false;
  button.addEventListener("click", () => {
    if (recorder) return recorder.stop();
    if (!told) { told = true; said.textContent = button.dataset.notice; return undefined; }
    return record();
  });
}
