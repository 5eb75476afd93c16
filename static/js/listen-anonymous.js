// The anonymous pages. Nothing here keeps anything in this browser.

import "./picked.js";

// How many characters of how many.
for (const note of document.querySelectorAll("[data-counts]")) {
  const field = document.getElementById(note.dataset.counts);
  const show = () => {
    note.textContent = `${[...field.value].length} / ${note.dataset.most}`;
  };
  field.addEventListener("input", show);
  show();
}

// The code of a QR stands behind the # and never travels by itself: put it into the form.
const form = document.getElementById("receipt-form");
if (form && location.hash.length > 20) {
  form.elements.code.value = decodeURIComponent(location.hash.slice(1));
  history.replaceState(null, "", location.pathname);
  form.requestSubmit();
}

// The receipt as a picture: code, check symbol, QR, address; drawn here, kept by the visitor.
const save = document.querySelector("[data-save-receipt]");
save?.addEventListener("click", () => {
  const code = document.querySelector("[data-code]").dataset.code;
  const parts = code.split("-");
  const qr = document.querySelector("[data-qr]");
  const canvas = document.createElement("canvas");
  canvas.width = 720;
  canvas.height = 960;
  const pen = canvas.getContext("2d");
  pen.fillStyle = "#ffffff";
  pen.fillRect(0, 0, canvas.width, canvas.height);
  pen.fillStyle = "#211d1a";
  pen.textAlign = "center";
  const font = getComputedStyle(document.body).fontFamily;
  const write = (text, y, size, weight = 400) => {
    pen.font = `${weight} ${size}px ${font}`;
    pen.fillText(text, canvas.width / 2, y);
  };
  write("书记听您说 查询码", 90, 34);
  write(parts.slice(0, 3).join("-"), 190, 60, 700);
  write(parts.slice(3, 6).join("-"), 270, 60, 700);
  write(`校验符 ${parts[6]}`, 330, 30);
  pen.drawImage(qr, 150, 380, 420, 420);
  write("扫一扫看进展，丢了找不回来", 870, 30);
  canvas.toBlob((blob) => {
    const link = document.createElement("a");
    link.href = URL.createObjectURL(blob);
    link.download = "查询码.png";
    link.click();
    setTimeout(() => URL.revokeObjectURL(link.href), 1000);
    save.querySelector("span").textContent = "已存";
  }, "image/png");
});
