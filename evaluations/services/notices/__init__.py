"""The rectification notice (整改通知书): drafted by the machine, checked and issued by people,
answered.

A notice is addressed to one branch for failed key work. It gets its number in the transaction
that signs it. Each step locks the notice, checks the person and the state, writes, appends a
line to the notice's history and a row to the audit trail, and tells the other side.
"""

from evaluations.services.notices.answering import (
    ANSWER_FIELDS,
    Answer,
    AnswerIncomplete,
    acknowledge_notice,
    respond_to_notice,
    save_answers,
)
from evaluations.services.notices.deciding import (
    accept_response,
    extend_notice,
    return_response,
    withdraw_notice,
)
from evaluations.services.notices.drafting import (
    MAX_FACTS,
    FourEyes,
    check_and_issue,
    check_notice,
    edit_problem,
    issue_notice,
    send_back_notice,
)
from evaluations.services.notices.escalating import notice_from_finding
from evaluations.services.notices.steps import MAX_REASON

__all__ = [
    "ANSWER_FIELDS",
    "MAX_FACTS",
    "MAX_REASON",
    "Answer",
    "AnswerIncomplete",
    "FourEyes",
    "accept_response",
    "acknowledge_notice",
    "check_and_issue",
    "check_notice",
    "edit_problem",
    "extend_notice",
    "issue_notice",
    "notice_from_finding",
    "respond_to_notice",
    "return_response",
    "save_answers",
    "send_back_notice",
    "withdraw_notice",
]
