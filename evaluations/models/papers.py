"""What was signed, word for word; the officer's wording of a bulletin; who has read it."""

from __future__ import annotations

from django.conf import settings
from django.db import models
from django.db.models import Q
from django.utils.translation import gettext_lazy as _

from branches.models import Branch, Committee
from evaluations.models.notices import RectificationNotice
from evaluations.models.rankings import RankingRun
from evaluations.models.rounds import MonthRound
from evaluations.querysets import BatchQuerySet, PaperQuerySet


class PaperKind(models.TextChoices):
    NOTICE = "notice", _("整改通知书")
    BULLETIN = "bulletin", _("月度通报")


class IssuedPaper(models.Model):
    """签发稿: kept in the transaction that signs a document, never changed afterwards.

    ``words`` holds the paper per layout as :func:`portal.documents.official.stored` wrote it, so
    that a reprint years later is the same file although the branch has a new name; ``text`` is the
    same as plain lines, for the archive's search. ``digest`` vouches for it; ``code`` is what the
    printed QR code asks the portal for. It can't be guessed, since whoever has it reads number,
    date and addressee without signing in. A number given out stays used: a paper taken back is
    voided, not deleted. After the years of keeping (``PORTAL_PAPER_YEARS``) words and text are
    cleared; the line in the register stays.
    """

    kind = models.CharField(_("文种"), max_length=10, choices=PaperKind)
    notice = models.OneToOneField(
        RectificationNotice, on_delete=models.PROTECT, null=True, blank=True, related_name="paper"
    )
    run = models.ForeignKey(
        RankingRun, on_delete=models.PROTECT, null=True, blank=True, related_name="papers"
    )
    committee = models.ForeignKey(
        Committee, verbose_name=_("党委"), on_delete=models.PROTECT, related_name="papers"
    )
    branch = models.ForeignKey(
        Branch,
        verbose_name=_("主送支部"),
        on_delete=models.PROTECT,
        null=True,
        blank=True,
        related_name="papers",
    )
    month = models.DateField(_("考评月份"))
    issuer_code = models.CharField(_("代字"), max_length=20)
    year = models.PositiveSmallIntegerField(_("年份"))
    number = models.PositiveIntegerField(_("序号"))
    title = models.CharField(_("标题"), max_length=200)
    text = models.TextField(_("正文"))
    code = models.CharField(_("核验码"), max_length=16, unique=True)
    words = models.JSONField(_("文稿"))
    digest = models.CharField(_("摘要"), max_length=64)
    signed_by = models.ForeignKey(
        settings.AUTH_USER_MODEL,
        verbose_name=_("签发人"),
        on_delete=models.PROTECT,
        related_name="+",
    )
    kept_at = models.DateTimeField(_("签发时间"))
    voided_at = models.DateTimeField(_("作废时间"), null=True, blank=True)
    void_reason = models.CharField(_("作废原因"), max_length=300, blank=True)
    cleared_at = models.DateTimeField(_("清理时间"), null=True, blank=True)

    objects = PaperQuerySet.as_manager()

    class Meta:
        verbose_name = _("签发稿")
        verbose_name_plural = _("签发稿")
        ordering = ["-kept_at", "-id"]
        constraints = [
            models.UniqueConstraint(
                fields=["issuer_code", "year", "number"], name="paper_number_once"
            ),
            models.UniqueConstraint(
                fields=["run"],
                condition=Q(voided_at__isnull=True),
                name="one_live_bulletin_per_run",
                violation_error_message=_("这次发布的通报已签发"),
            ),
            models.CheckConstraint(
                condition=Q(kind="notice", notice__isnull=False, run__isnull=True)
                | Q(kind="bulletin", notice__isnull=True, run__isnull=False),
                name="paper_is_of_one_thing",
            ),
        ]
        indexes = [models.Index(fields=["committee", "month"], name="papers_of_a_month")]

    def __str__(self) -> str:
        return self.document_number

    @property
    def document_number(self) -> str:
        """``泉电党整〔2017〕6号``: full year in 六角括号, no padding."""
        return f"{self.issuer_code}〔{self.year}〕{self.number}号"

    @property
    def is_void(self) -> bool:
        return self.voided_at is not None


class BulletinDraft(models.Model):
    """通报稿: what the officer made of the generated bulletin, and who approved it.

    ``words`` holds the parts he worded himself, ``bases`` what the machine had written there at
    that moment: when the data moved on since, the page says so. An approval is for exactly the
    words it saw (``approved_digest``); it lapses with the next change.
    """

    class Wording(models.TextChoices):
        COUNTED = "counted", _("写明个数：部分党支部（5个，同类共13个）")
        GENERAL = "general", _("只说范围：部分党支部")

    round = models.OneToOneField(
        MonthRound, on_delete=models.PROTECT, related_name="bulletin_draft"
    )
    wording = models.CharField(
        _("共性问题的写法"), max_length=10, choices=Wording, default=Wording.COUNTED
    )
    words = models.JSONField(_("改写"), default=dict, blank=True)
    bases = models.JSONField(_("改写时的原文"), default=dict, blank=True)
    version = models.PositiveIntegerField(_("版本"), default=1)
    edited_by = models.ForeignKey(
        settings.AUTH_USER_MODEL, on_delete=models.PROTECT, null=True, blank=True, related_name="+"
    )
    edited_at = models.DateTimeField(_("改写时间"), null=True, blank=True)
    approved_by = models.ForeignKey(
        settings.AUTH_USER_MODEL, on_delete=models.PROTECT, null=True, blank=True, related_name="+"
    )
    approved_at = models.DateTimeField(_("审签时间"), null=True, blank=True)
    approved_digest = models.CharField(_("审签稿摘要"), max_length=64, blank=True)

    class Meta:
        verbose_name = _("通报稿")
        verbose_name_plural = _("通报稿")
        constraints = [
            models.CheckConstraint(
                condition=Q(approved_by__isnull=True, approved_at__isnull=True, approved_digest="")
                | (
                    Q(approved_by__isnull=False, approved_at__isnull=False) & ~Q(approved_digest="")
                ),
                name="approval_is_whole",
            ),
        ]

    def __str__(self) -> str:
        return f"{self.round}通报稿"


class BulletinReceipt(models.Model):
    """签阅: a branch has read a published bulletin, told once by its secretary or deputy."""

    run = models.ForeignKey(RankingRun, on_delete=models.PROTECT, related_name="receipts")
    branch = models.ForeignKey(Branch, on_delete=models.PROTECT, related_name="bulletin_receipts")
    user = models.ForeignKey(settings.AUTH_USER_MODEL, on_delete=models.PROTECT, related_name="+")
    at = models.DateTimeField(_("签阅时间"))

    class Meta:
        verbose_name = _("通报签阅")
        verbose_name_plural = _("通报签阅")
        ordering = ["at", "id"]
        constraints = [
            models.UniqueConstraint(fields=["run", "branch"], name="one_receipt_per_branch"),
        ]

    def __str__(self) -> str:
        return f"{self.branch} {self.run_id}"


class PaperBatch(models.Model):
    """成批文件: one month's signed papers as a zip with an index, made by the worker.

    ``done`` counts papers, each of which gives a PDF and a docx; ``failures`` names those that
    could not be made, with the reason. The file is thrown away after some days; it can be made
    again at any time and has the same bytes then.
    """

    class Status(models.TextChoices):
        WAITING = "waiting", _("等待")
        RUNNING = "running", _("正在做")
        READY = "ready", _("已做好")
        BROKEN = "broken", _("没有做成")

    committee = models.ForeignKey(Committee, on_delete=models.PROTECT, related_name="+")
    month = models.DateField(_("考评月份"))
    status = models.CharField(_("状态"), max_length=8, choices=Status, default=Status.WAITING)
    asked_by = models.ForeignKey(
        settings.AUTH_USER_MODEL, on_delete=models.PROTECT, related_name="+"
    )
    asked_at = models.DateTimeField(_("提出时间"))
    touched_at = models.DateTimeField(_("最近进展"))
    total = models.PositiveIntegerField(_("共几份"), default=0)
    done = models.PositiveIntegerField(_("已做几份"), default=0)
    failures = models.JSONField(_("没有做成的"), default=list, blank=True)
    file_name = models.CharField(_("文件"), max_length=80, blank=True)

    objects = BatchQuerySet.as_manager()

    class Meta:
        verbose_name = _("成批文件")
        verbose_name_plural = _("成批文件")
        ordering = ["-asked_at", "-id"]

    def __str__(self) -> str:
        return f"{self.committee} {self.month:%Y-%m}"
