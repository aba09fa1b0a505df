// What a page looks like to somebody with a small phone, one thumb and old eyes: a list of what is wrong.
// On the large pages (长辈版) the ministry's figures hold: facts §5.1.
() => {
  const wrong = [];
  const elder = document.documentElement.classList.contains("elder");
  const least = elder ? { text: 18, target: 59.5 } : { text: 14, target: 43.5 };
  const said = (element) => (element.innerText || element.getAttribute("aria-label") || element.name || "").trim().slice(0, 30);
  const seen = (element) => {
    const box = element.getBoundingClientRect();
    return box.width > 1 && box.height > 1 && element.checkVisibility({ visibilityProperty: true, opacityProperty: true });
  };

  const page = document.documentElement;
  if (page.scrollWidth > page.clientWidth) {
    const wide = [...document.body.querySelectorAll("*")].filter((e) => e.getBoundingClientRect().right > page.clientWidth + 1);
    wrong.push(`scrolls sideways: ${wide.slice(0, 3).map((e) => `${e.tagName}.${e.className}`).join(", ")}`);
  }

  // Links inside running text are exempt, as in WCAG 2.5.8; a control inside its label is as large as the label.
  const inText = (link) => link.tagName === "A" && getComputedStyle(link).display === "inline";
  for (const control of document.querySelectorAll("a[href], button, input:not([type=hidden]), select, textarea, summary")) {
    if (!seen(control) || inText(control)) continue;
    const box = (control.closest("label") || control).getBoundingClientRect();
    if (box.height < least.target || box.width < least.target) {
      wrong.push(`target ${Math.round(box.width)}×${Math.round(box.height)}: ${control.tagName} ${said(control)}`);
    }
  }
  for (const control of document.querySelectorAll("input:not([type=hidden]), select, textarea")) {
    if (!control.labels?.length && !control.getAttribute("aria-label")) wrong.push(`no label: ${control.name}`);
  }
  for (const image of document.images) {
    if (!image.hasAttribute("alt")) wrong.push(`no alt: ${image.src}`);
  }

  const rgba = (text) => {
    const [r, g, b, a = 1] = text.match(/[\d.]+/g).map(Number);
    return { r, g, b, a };
  };
  const light = ({ r, g, b }) => {
    const part = (v) => ((v /= 255) <= 0.04045 ? v / 12.92 : ((v + 0.055) / 1.055) ** 2.4);
    return 0.2126 * part(r) + 0.7152 * part(g) + 0.0722 * part(b);
  };
  const behind = (element) => {
    for (let at = element; at; at = at.parentElement) {
      const style = getComputedStyle(at);
      if (style.backgroundImage !== "none") return null;
      const color = rgba(style.backgroundColor);
      if (color.a > 0.99) return color;
      if (color.a > 0) return null;
    }
    return { r: 255, g: 255, b: 255 };
  };
  const texts = document.createTreeWalker(document.body, NodeFilter.SHOW_TEXT);
  const done = new Set();
  while (texts.nextNode()) {
    const element = texts.currentNode.parentElement;
    if (!texts.currentNode.data.trim() || done.has(element) || !seen(element) || element.closest(":disabled")) continue;
    done.add(element);
    const style = getComputedStyle(element);
    const back = behind(element);
    if (!back || !style.color.startsWith("rgb")) continue;
    const [dark, bright] = [light(rgba(style.color)), light(back)].sort((a, b) => a - b);
    const ratio = (bright + 0.05) / (dark + 0.05);
    const size = parseFloat(style.fontSize);
    const large = size >= 24 || (size >= 18.66 && Number(style.fontWeight) >= 700);
    if (ratio < (large ? 3 : 4.5)) wrong.push(`contrast ${ratio.toFixed(2)}: ${said(element)}`);
    if (size < least.text) wrong.push(`text of ${size} px: ${said(element)}`);
    if (elder && style.lineHeight !== "normal" && parseFloat(style.lineHeight) < 1.3 * size - 0.1) {
      wrong.push(`lines ${style.lineHeight} apart at ${size} px: ${said(element)}`);
    }
  }
  for (const paragraph of elder ? document.querySelectorAll("main p + p") : []) {
    const above = paragraph.previousElementSibling;
    if (!seen(paragraph) || !seen(above)) continue;
    const gap = paragraph.getBoundingClientRect().top - above.getBoundingClientRect().bottom;
    const size = parseFloat(getComputedStyle(paragraph).fontSize);
    if (gap >= 0 && gap < 1.3 * size - 0.5) wrong.push(`paragraphs ${gap.toFixed(0)} px apart: ${said(paragraph)}`);
  }
  return [...new Set(wrong)];
}
