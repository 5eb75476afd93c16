// What was picked: how many, never the names (somebody may look over the shoulder).
for (const note of document.querySelectorAll("[data-picked]")) {
  const picker = document.getElementById(note.dataset.picked);
  picker?.addEventListener("change", () => {
    note.textContent = picker.files.length ? `已选 ${picker.files.length} 个` : "";
  });
}
