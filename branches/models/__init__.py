"""Who exists (organisation, people, appointments) and what they did (monthly records)."""

from branches.models.imports import ImportKind, ImportRow, ImportStage, RowImport
from branches.models.organisation import (
    Branch,
    BranchClassification,
    BranchType,
    Committee,
    PartyGroup,
    Tier,
)
from branches.models.people import (
    Appointment,
    Membership,
    MembershipKind,
    Person,
    Post,
    Role,
    RoleGrant,
    SecretaryMode,
)
from branches.models.pictures import PictureTwin
from branches.models.records import (
    Absence,
    AbsenceKind,
    Activity,
    ActivitySession,
    ActivityTick,
    Duty,
    FollowUp,
)
from branches.models.registers import (
    CommitteeTerm,
    DuesPayment,
    DutySettings,
    LectureFrequency,
    RecruitStep,
    Talk,
    TalkOccasion,
)

__all__ = (
    "Absence",
    "AbsenceKind",
    "Activity",
    "ActivitySession",
    "ActivityTick",
    "Appointment",
    "Branch",
    "BranchClassification",
    "BranchType",
    "Committee",
    "CommitteeTerm",
    "DuesPayment",
    "Duty",
    "DutySettings",
    "FollowUp",
    "ImportKind",
    "ImportRow",
    "ImportStage",
    "LectureFrequency",
    "Membership",
    "MembershipKind",
    "PartyGroup",
    "Person",
    "PictureTwin",
    "Post",
    "RecruitStep",
    "Role",
    "RoleGrant",
    "RowImport",
    "SecretaryMode",
    "Talk",
    "TalkOccasion",
    "Tier",
)
