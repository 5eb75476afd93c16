// How many of the months have been replayed; a month that failed can be asked for again. Those in
// which no place changes are folded together into one line.
const months = [...document.querySelectorAll("[data-month]")];
const line = document.querySelector("[data-progress]");
const done = new Set();
const failed = new Set();
const fold = document.querySelector("[data-unmoved-months]");

function tell() {
  if (!line) return;
  line.hidden = false;
  line.querySelector("progress").value = done.size;
  const words = [`已算 ${done.size} 个月，共 ${months.length} 个月`];
  if (failed.size) words.push(`${failed.size} 个月没有算出来，点那个月的“再算一次”`);
  line.querySelector("[data-progress-words]").textContent = words.join("；");
}

function foldUnmoved() {
  const still = months.filter((month) => month.querySelector("[data-unmoved]"));
  fold.append(...still);
  fold.hidden = !still.length;
  fold.querySelector("[data-unmoved-words]").textContent =
    `${still.length} 个月名次没有变化：${still.map((month) => month.dataset.month).join("、")}`;
}

for (const month of months) {
  const body = month.querySelector("[hx-get]");
  body.addEventListener("htmx:afterRequest", (event) => {
    if (event.detail.successful) {
      done.add(month);
      failed.delete(month);
      foldUnmoved();
    } else {
      failed.add(month);
      const link = month.querySelector("a");
      if (link) link.textContent = "没有算出来，再算一次";
    }
    tell();
  });
}
tell();
