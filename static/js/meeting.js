// The meeting from the keyboard and the presenter: arrows and page keys walk, 1 to 4 give the word.
const form = document.querySelector("[data-verdicts]");
const buttons = form ? [...form.querySelectorAll("button[name=verdict]")] : [];
const live = document.getElementById("live");

const typing = (target) => target.closest("input:not([type=hidden]), textarea, select, [contenteditable]");

const go = (where) => document.querySelector(`[data-go="${where}"]`)?.click();

async function say(button) {
  const body = new FormData(form);
  body.set("verdict", button.value);
  const answer = await fetch(form.action, {
    method: "POST",
    body,
    headers: { Accept: "application/json" },
    credentials: "same-origin",
  });
  const told = (answer.headers.get("Content-Type") ?? "").includes("json") ? await answer.json() : {};
  if (!answer.ok) {
    // The page itself says why, with what stands now.
    form.requestSubmit(button);
    return;
  }
  form.elements.version.value = told.version;
  for (const other of buttons) other.setAttribute("aria-pressed", String(other.value === told.verdict));
  live.textContent = button.firstChild.textContent;
}

document.addEventListener("keydown", (event) => {
  if (event.ctrlKey || event.metaKey || event.altKey || typing(event.target)) return;
  if (["ArrowRight", "PageDown"].includes(event.key)) go("next");
  else if (["ArrowLeft", "PageUp"].includes(event.key)) go("previous");
  else if (/^[1-4]$/.test(event.key) && buttons[event.key - 1] && !buttons[event.key - 1].disabled) {
    event.preventDefault();
    say(buttons[event.key - 1]);
  }
});

const clock = document.querySelector("[data-countdown]");
if (clock) {
  const words = clock.querySelector("[data-left]");
  const end = Date.now() + Number(clock.dataset.countdown) * 1000;
  const draw = () => {
    const left = Math.round((end - Date.now()) / 1000);
    words.textContent = left > 0 ? `本位还有 ${Math.floor(left / 60)} 分 ${left % 60} 秒` : clock.dataset.over;
  };
  draw();
  setInterval(draw, 1000);
}
