// Two versions of one thing, side by side, and the choice. Nothing is chosen by itself. And what of
// a sheet has to be settled before anybody signs it.
import { knows, list, settle, when } from "./queue.js";
import { drafts, sheetObject, sheetState, timeOf } from "./sheets.js";

export function make(tag, attributes = {}, ...children) {
  const { class: className, ...rest } = attributes;
  const element = document.createElement(tag);
  if (className) element.className = className;
  for (const [name, value] of Object.entries(rest)) {
    if (name === "on") element.addEventListener("click", value);
    else if (value !== undefined && value !== null) element.setAttribute(name, value);
  }
  element.append(...children.filter((child) => child !== null && child !== undefined));
  return element;
}

export function icon(name, size = "") {
  const svg = document.querySelector(".offline-bar svg").cloneNode(true); // knows where the sprite is
  svg.setAttribute("class", `icon${size && ` icon-${size}`}`);
  const use = svg.querySelector("use");
  use.setAttribute("href", use.getAttribute("href").replace(/#.*/, `#${name}`));
  return svg;
}

const side = (title, when, words) =>
  make(
    "div",
    { class: "version" },
    make("h3", {}, title),
    make("p", { class: "version-when" }, when),
    make("ul", {}, ...words.map((word) => make("li", {}, word))),
  );

export function versions(op, { after = () => {} } = {}) {
  const choose = (choice) => async (event) => {
    event.currentTarget.disabled = true;
    await settle(op.seq, choice);
    await after(choice);
  };
  const theirs = op.theirs;
  const button = (choice, text, kind = "btn-secondary") =>
    make("button", { type: "button", class: `btn ${kind}`, "data-choose": choice, on: choose(choice) }, text);
  return make(
    "section",
    { class: "versions", role: "alert", "data-versions": op.key },
    make(
      "div",
      { class: "versions-head" },
      icon("alert-circle"),
      make("div", {}, make("h2", {}, "两份不一样，要您选一份"), make("p", {}, op.title)),
    ),
    make(
      "div",
      { class: "versions-two" },
      side("我填的", `${timeOf(when(op))}，在这台手机`, op.words),
      theirs
        ? side("对方存的", [theirs.title, theirs.at && timeOf(theirs.at)].filter(Boolean).join("，"), theirs.words)
        : side("对方存的", "有信号后才看得到", []),
    ),
    make(
      "div",
      { class: "versions-foot" },
      ...(theirs
        ? [
            button("mine", "用我的"),
            button("theirs", "用对方的"),
            knows(op, "both") && op.theirs.lines?.length ? button("both", "两份都留", "btn-primary btn-wide") : null,
          ]
        : []),
    ),
    make("p", { class: "versions-note" }, "没有选的那一份不会丢：对方的记入审计，我的留在“待上传”里。"),
  );
}

// What has to be settled before the sheet is submitted or signed: items that were counted and not
// written down, and what the server did not take. Each with where to go; null when there is none.
export async function unsettled(sheet, { submitted = false } = {}) {
  const ops = (await list(sheetObject(sheet))).filter((op) => !op.step && op.state !== "waiting");
  const state = await sheetState(sheet);
  const signed = submitted || Boolean(state?.steps.submit); // the pad is closed then, the queue's page is not
  const typed = state?.unfinished ?? drafts(sheet).map(({ item, shown }) => ({ item, code: "有一项", name: "", lines: shown.lines }));
  const itemUrl = (item) => `/sheets/${sheet}/items/${item}/`;
  const links = [
    ...ops.map((op) => [
      op.item && !signed ? itemUrl(op.item) : "/offline/queue/",
      `${op.title}：${op.state === "conflict" ? "两份不一样，要您选一份" : "没有收下"}`,
    ]),
    ...(signed ? [] : typed).map((entry) => [
      itemUrl(entry.item),
      `${[entry.code, entry.name].filter(Boolean).join(" ")}：${entry.lines.some((line) => !line.fact) ? "计了数没写事实" : "填了还没有存上"}`,
    ]),
  ];
  if (!links.length) return null;
  return make(
    "div",
    { class: "notice notice-late no-print", role: "alert", tabindex: "-1", "data-unsettled": "" },
    icon("alert-circle"),
    make(
      "div",
      {},
      make("p", { class: "notice-title" }, signed ? "签了的还传不上去，先处理这几项" : "先处理这几项，再提交、再签字"),
      make("ul", { class: "plain" }, ...links.map(([href, text]) => make("li", {}, make("a", { href }, text)))),
    ),
  );
}
