// 记一件事: counts heads as they are marked, asks for the roster again when the meeting
// changes, and says early what the server would refuse. The form works without any of it.

const form = document.querySelector("[data-record-form]");
if (form) {
  const roster = document.getElementById("roster");
  const heldOn = form.elements.held_on;
  const ticked = () => new Set([...form.querySelectorAll('[name="duties"]:checked')].map((box) => box.value));

  // -- heads -----------------------------------------------------------------------------------
  const count = () => {
    const sum = roster.querySelector("[data-roster-sum]");
    if (!sum) return;
    const expected = Number(sum.dataset.expected);
    const away = [...roster.querySelectorAll("[data-absent]")].filter((choice) =>
      ["leave", "absent"].includes(choice.value),
    ).length;
    sum.querySelector("[data-present]").textContent = String(expected - away);
    const share = expected ? Math.floor(((expected - away) * 200 + expected) / (expected * 2)) : 100;
    const low = ticked().has("themed_day") && (expected - away) * 100 < expected * 80;
    vote(sum);
    elements();
    sum.querySelector("[data-share]").textContent = `，${share}%${low ? "，主题党日低于 80%" : ""}`;
  };

  // -- votes and what minutes must say ------------------------------------------------------------
  // Quorum: half of those with a vote who should attend. Carried: more than half of them.
  const vote = (sum) => {
    const line = form.querySelector("[data-vote-line]");
    if (!line) return;
    const voters = Number(sum.dataset.voters);
    const away = [...roster.querySelectorAll("[data-votes]")].filter((choice) =>
      ["leave", "absent"].includes(choice.value),
    ).length;
    const present = voters - away;
    const quorum = present * 2 >= voters;
    const ayes = form.elements.ayes.value;
    const needed = Math.floor(voters / 2) + 1;
    line.textContent = !quorum
      ? `有表决权的应到 ${voters} 人，实到 ${present} 人，不足半数，不能表决。`
      : ayes === ""
        ? `有表决权的应到 ${voters} 人，实到 ${present} 人，可以表决；赞成至少 ${needed} 人才通过。`
        : Number(ayes) >= needed
          ? `赞成 ${ayes} 人，超过应到 ${voters} 人的半数，通过。`
          : `赞成 ${ayes} 人，没有超过应到 ${voters} 人的半数，未通过（要 ${needed} 人）。`;
    line.classList.toggle("late-text", !quorum || (ayes !== "" && Number(ayes) < needed));
  };
  const MEETINGS = ["general_meeting", "committee_meeting", "group_meeting", "themed_day", "org_life_meeting", "member_appraisal"];
  const elements = () => {
    const line = form.querySelector("[data-elements]");
    if (!line) return;
    const duties = ticked();
    if (!MEETINGS.some((duty) => duties.has(duty))) {
      line.textContent = "";
      return;
    }
    const names = { starts_at: "时间", place: "地点", chair: "主持人", recorder: "记录人", agenda: "议题" };
    if (["general_meeting", "committee_meeting", "org_life_meeting", "member_appraisal"].some((duty) => duties.has(duty))) names.resolution = "决议";
    const missing = Object.entries(names)
      .filter(([name]) => !form.elements[name]?.value.trim())
      .map(([, label]) => label);
    const silent = [...roster.querySelectorAll("[data-absent]")].some(
      (choice) => choice.value === "leave" && !roster.querySelector(`[name="${choice.name.replace("absent_", "reason_")}"]`)?.value.trim(),
    );
    if (silent) missing.push("请假原因");
    line.textContent = missing.length ? `记录要素还缺：${missing.join("、")}` : "记录要素齐了";
    line.classList.toggle("is-whole", !missing.length);
  };

  // -- early words -----------------------------------------------------------------------------
  const say = (field, words) => {
    const place = field.closest(".field");
    let note = place.querySelector(".check-note");
    if (!words) {
      note?.remove();
      return;
    }
    if (!note) {
      note = document.createElement("p");
      note.className = "check-note";
      note.setAttribute("role", "status");
      place.append(note);
    }
    note.textContent = words;
  };
  const checkDay = () => {
    say(heldOn, heldOn.value && heldOn.value > heldOn.max ? "还没到这一天，开完再记。" : "");
  };
  const checkDuties = () => {
    const duties = ticked();
    const wide = ["general_meeting", "themed_day", "party_lecture", "org_life_meeting", "member_appraisal", "work_report"].some((duty) => duties.has(duty));
    const box = document.getElementById("id_duties").querySelector("input");
    say(
      box,
      duties.has("committee_meeting") && wide
        ? "支委会由支委参加，与全体党员参加的活动要分开记。"
        : duties.has("group_meeting") && wide
          ? "党小组会要与全支部的活动分开记。"
          : "",
    );
    const group = form.elements.group;
    if (group && !duties.has("group_meeting")) group.value = "";
    if (group) say(group, duties.has("group_meeting") && !group.value ? "请选哪个党小组开的会。" : "");
    for (const name of ["recorder", "agenda"]) {
      const field = form.elements[name];
      const needed = MEETINGS.some((duty) => duties.has(duty));
      field.toggleAttribute("aria-required", needed);
    }
  };

  // -- the roster of the day -------------------------------------------------------------------
  let timer = 0;
  const askRoster = () => {
    clearTimeout(timer);
    timer = setTimeout(() => roster.dispatchEvent(new CustomEvent("roster-changed")), 150);
  };

  form.addEventListener("input", count);
  form.addEventListener("change", (event) => {
    const name = event.target.name;
    if (["duties", "held_on", "group"].includes(name)) {
      checkDay();
      checkDuties();
      askRoster();
    }
    count();
  });
  // The answer may come while somebody is marking names: what stands on the screen wins.
  let before = null;
  roster.addEventListener("htmx:beforeSwap", () => {
    before = {
      open: roster.querySelector("details")?.open,
      focus: roster.contains(document.activeElement) ? document.activeElement.id : "",
      values: [...roster.querySelectorAll("select, input")].map((field) => [field.name, field.value]),
    };
  });
  roster.addEventListener("htmx:afterSwap", () => {
    if (before) {
      const list = roster.querySelector("details");
      if (list && before.open) list.open = true;
      for (const [name, value] of before.values) {
        const field = form.elements[name];
        if (field) field.value = value;
      }
      if (before.focus) document.getElementById(before.focus)?.focus();
      before = null;
    }
    count();
  });

  // Ticked before this script came, or put back from a draft: catch up once.
  const isChanged = (field) => {
    if (field.type === "checkbox") return field.checked !== field.defaultChecked;
    if (field.options) return [...field.options].some((o) => o.selected !== o.defaultSelected);
    return field.value !== field.defaultValue;
  };
  const asked = [heldOn, form.elements.group, ...form.querySelectorAll('[name="duties"]')];
  if (asked.some((field) => field && isChanged(field))) askRoster();
  checkDay();
  checkDuties();
  count();
}
