// On a narrow screen the why of a branch opens under its own row; beside the list there is no room.
const why = document.querySelector("[data-why]");
const link = document.querySelector(`[data-rows] a[href$="branch=${why?.dataset.why}#why"]`);
const row = link?.closest("li, tr");
const narrow = matchMedia("screen and (max-width: 1199.98px)");

if (why && row) {
  const home = document.createComment("the why panel stands here where there is room");
  why.before(home);
  const inTable = row.tagName === "TR";
  const place = document.createElement(inTable ? "tr" : "li");
  place.className = "why-under";
  if (inTable) {
    const cell = document.createElement("td");
    cell.colSpan = row.cells.length;
    place.append(cell);
  }
  const settle = () => {
    why.classList.toggle("panel-inset", narrow.matches); // not edge to edge inside the list
    if (narrow.matches) {
      (inTable ? place.firstChild : place).append(why);
      row.after(place);
      if (location.hash === "#why") row.scrollIntoView({ block: "start" });
    } else {
      home.after(why);
      place.remove();
    }
  };
  narrow.addEventListener("change", settle);
  settle();
}
