// Run in a page: texts below 7:1 (WCAG 2.2, 1.4.6), texts cut off by their box, and a page wider than its window.
() => {
  const parse = (color) => {
    const parts = color.match(/[\d.]+/g).map(Number);
    return { rgb: parts.slice(0, 3), alpha: parts[3] ?? 1 };
  };
  const luminance = (rgb) => {
    const [r, g, b] = rgb.map((part) => part / 255).map((part) => (part <= 0.04045 ? part / 12.92 : ((part + 0.055) / 1.055) ** 2.4));
    return 0.2126 * r + 0.7152 * g + 0.0722 * b;
  };
  const over = (top, below) => top.rgb.map((part, i) => part * top.alpha + below[i] * (1 - top.alpha));
  const ground = (element) => {
    const layers = [];
    for (let at = element; at; at = at.parentElement) {
      const layer = parse(getComputedStyle(at).backgroundColor);
      if (layer.alpha > 0) layers.push(layer);
      if (layer.alpha === 1) break;
    }
    return layers.reverse().reduce((below, layer) => over(layer, below), [255, 255, 255]);
  };
  const failures = [];
  const open = document.querySelector("dialog[open]");
  const walker = document.createTreeWalker(open ?? document.body, NodeFilter.SHOW_TEXT);
  let seen = 0;
  while (walker.nextNode()) {
    const text = walker.currentNode.textContent.trim();
    const element = walker.currentNode.parentElement;
    if (!text || !element.checkVisibility() || element.closest(".unseen, dialog:not([open]), option")) continue;
    seen += 1;
    const style = getComputedStyle(element);
    const below = ground(element);
    const [dark, light] = [luminance(over(parse(style.color), below)), luminance(below)].sort((a, b) => a - b);
    const ratio = (light + 0.05) / (dark + 0.05);
    if (ratio < 7) failures.push(`${ratio.toFixed(2)}:1 ${text}`);
    const box = element.closest("button, .chip, .badge, .notice, #message");
    if (box && (box.scrollWidth > box.clientWidth + 2 || box.scrollHeight > box.clientHeight + 3)) failures.push(`cut off: ${box.textContent}`);
  }
  if (seen < 3) failures.push(`only ${seen} texts seen`);
  const root = document.documentElement;
  if (root.scrollWidth > root.clientWidth + 1) failures.push(`page ${root.scrollWidth} px wide in ${root.clientWidth}`);
  const main = document.querySelector("main");
  if (main && main.scrollWidth > main.clientWidth + 1) failures.push(`main ${main.scrollWidth} px wide in ${main.clientWidth}`);
  return failures;
}
