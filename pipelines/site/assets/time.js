// Moves a page through its months: colours the map, fills the cells that change, shows the rows that stand then.
"use strict";
for (const whole of document.querySelectorAll("[data-time]")) {
  const known = JSON.parse(whole.querySelector("script[type='application/json']").textContent);
  const slider = whole.querySelector("input[type=range]");
  const button = whole.querySelector("button");
  const told = whole.querySelector("output");
  let playing = null;

  const show = () => {
    const at = Number(slider.value);
    told.textContent = known.summaries[at];
    slider.setAttribute("aria-valuetext", known.summaries[at]);
    for (const [code, classes] of Object.entries(known.classes)) {
      const region = whole.querySelector(`[data-region="${code}"]`);
      if (!region) continue;
      region.setAttribute("class", classes[at] === null ? "unknown" : `q${classes[at]}`);
      const words = `${known.names[code]}: ${known.values[code][at]}`;
      region.setAttribute("aria-label", words);
      region.querySelector("title").textContent = words;
    }
    for (const [name, told] of Object.entries(known.cells)) {
      whole.querySelector(`[data-cell="${name}"]`).textContent = told[at];
    }
    for (const row of whole.querySelectorAll("[data-from]")) {
      row.hidden = at < Number(row.dataset.from) || at > Number(row.dataset.to);
    }
  };
  const stop = () => {
    clearInterval(playing);
    playing = null;
    button.textContent = button.dataset.play;
  };
  slider.addEventListener("input", () => { stop(); show(); });
  button.addEventListener("click", () => {
    if (playing) return stop();
    if (slider.value === slider.max) slider.value = slider.min;
    button.textContent = button.dataset.stop;
    playing = setInterval(() => {
      slider.value = Number(slider.value) + 1;
      show();
      if (slider.value === slider.max) stop();
    }, 900);
    show();
  });
  whole.querySelector(".time").hidden = false;
  show();
}
