// 书记听您说: templates into a reply, and the anonymous door.
import "./picked.js";

document.addEventListener("click", (event) => {
  const button = event.target.closest("[data-insert]");
  if (!button) return;
  const field = document.getElementById(button.dataset.insert);
  if (!field) return;
  field.value = field.value ? `${field.value}\n${button.dataset.text}` : button.dataset.text;
  field.dispatchEvent(new Event("input", { bubbles: true }));
  field.focus();
});

// Whoever chooses "completely anonymous" sends the form to a page that knows no account.
const say = document.querySelector("[data-say]");
const submit = document.querySelector("[data-submit]");
if (say && submit) {
  const isSecret = () => say.querySelector("[name=level]:checked")?.value === "anonymous";
  const choose = () => {
    const secret = isSecret();
    const door = say.dataset.anonymous;
    // Nothing is kept of it (drafts.js), so leaving asks.
    say.toggleAttribute("data-ask-leave", secret);
    submit.textContent = secret ? submit.dataset.secret : submit.dataset.plain;
    if (secret && door) submit.setAttribute("formaction", door);
    else submit.removeAttribute("formaction");
  };
  say.addEventListener("change", choose);
  choose();
  // Back from the receipt must not show the words again to whoever sits there.
  window.addEventListener("pageshow", (event) => {
    if (event.persisted && isSecret()) location.reload();
  });
}
