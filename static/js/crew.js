// The three buttons: a press carries what the phone's own clock said, and a key of its own, so
// that it may be sent twice. Without this script the server's clock is taken.

for (const form of document.querySelectorAll("form[data-press]")) {
  form.addEventListener("submit", () => {
    const now = new Date().toISOString();
    const at = form.querySelector("[name=at]");
    const sent = form.querySelector("[name=sent_at]");
    if (at && !at.value) at.value = now;
    if (sent) sent.value = now;
  });
}

const clock = document.querySelector("[data-now]");
if (clock) {
  const show = () => {
    clock.textContent = new Date().toLocaleTimeString("zh-CN", {
      hour: "2-digit", minute: "2-digit", hour12: false, timeZone: "Asia/Shanghai",
    });
  };
  setInterval(show, 20000);
}
