"""What happened in the demo company: each month's records, round, sheets, findings, notices.

Everything goes through the services, with the person who would press the button as the actor
and the moment as ``now``. The story only decides what happens when; the agenda stops at the
demo's present, and what is still on it is what the visitor finds to do.
"""

from portal.demo.story.going_out import GoingOut
from portal.demo.story.life import Ending, Life, moment, workdays_of
from portal.demo.story.listening import Listening
from portal.demo.story.months import Months

__all__ = ("Ending", "GoingOut", "Life", "Listening", "Months", "moment", "workdays_of")
