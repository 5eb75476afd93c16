"""Tables of 书记听您说."""

from feedback.models.departments import Department, DepartmentSeat, SeatRole
from feedback.models.history import Authorship, Message, NameView, Reply, RequestEvent
from feedback.models.promises import Promise, PromiseTeam
from feedback.models.ratings import MeToo, Rating
from feedback.models.reference import Category, Kind, ListeningPolicy, ReplyTemplate
from feedback.models.requests import (
    Extension,
    Level,
    Outcome,
    Pause,
    Publication,
    Solved,
    Source,
    StaffRequest,
    Urgency,
)
from feedback.models.sessions import ListeningSession, SessionKind, Slot
from feedback.models.similar import PieceCount, SimilarText
from feedback.models.supervision import SupervisionOrder
from feedback.models.visits import (
    LinkAssignment,
    LinkKind,
    PlaceKind,
    QuestionGroup,
    StaffVisit,
    VisitAnswer,
    VisitCampaign,
    VisitMode,
    VisitNote,
    VisitPlace,
    VisitQuestion,
    VisitRequest,
)

__all__ = (
    "Authorship",
    "Category",
    "Department",
    "DepartmentSeat",
    "Extension",
    "Kind",
    "Level",
    "LinkAssignment",
    "LinkKind",
    "ListeningPolicy",
    "ListeningSession",
    "MeToo",
    "Message",
    "NameView",
    "Outcome",
    "Pause",
    "PieceCount",
    "PlaceKind",
    "Promise",
    "PromiseTeam",
    "Publication",
    "QuestionGroup",
    "Rating",
    "Reply",
    "ReplyTemplate",
    "RequestEvent",
    "SeatRole",
    "SessionKind",
    "SimilarText",
    "Slot",
    "Solved",
    "Source",
    "StaffRequest",
    "StaffVisit",
    "SupervisionOrder",
    "Urgency",
    "VisitAnswer",
    "VisitCampaign",
    "VisitMode",
    "VisitNote",
    "VisitPlace",
    "VisitQuestion",
    "VisitRequest",
)
