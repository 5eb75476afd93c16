// The board on the wall reads itself anew every five minutes, while somebody can see it.
setInterval(() => {
  if (!document.hidden && navigator.onLine) location.reload();
}, 5 * 60 * 1000);
