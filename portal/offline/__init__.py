"""What lets a phone work where there is no signal: the service worker, the pages it may keep,
and the answers that are given once however often a phone asks."""
