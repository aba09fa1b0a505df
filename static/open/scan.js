// A photo of the name plate fills the field where the phone can read codes; without it people type.
const scan = document.getElementById('scan');
if (scan && 'BarcodeDetector' in window) {
  scan.hidden = false;
  const none = document.getElementById('scan-none');
  scan.querySelector('input').addEventListener('change', async (event) => {
    const [photo] = event.target.files;
    if (!photo) return;
    const picture = await createImageBitmap(photo);
    const [code] = await new window.BarcodeDetector().detect(picture).catch(() => []);
    none.hidden = Boolean(code);
    if (!code) return;
    // Our own codes are addresses that end in the number.
    const field = document.getElementById('serial');
    field.value = decodeURIComponent(code.rawValue.split('/').pop()).slice(0, 40);
    field.form.requestSubmit();
  });
}
