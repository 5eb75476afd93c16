"""What is open before anybody has signed in: the web app's own files, which say nothing about
anybody, and the calendar feed, whose address is the key."""

OPEN_OFFLINE = {"offline:worker", "offline:manifest", "offline:favicon", "offline:page"}
OPEN_OFFLINE |= {"notifications:feed"}
