// What the trades taught the queue. Loaded on every page, because any page may send.
import "./sheets.js";
import "./photos.js";
import "./turnouts.js";
import "./records.js";
