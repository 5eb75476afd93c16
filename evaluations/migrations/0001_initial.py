import django.core.validators
import django.db.models.deletion
from django.conf import settings
from django.db import migrations, models

import portal.kernel.marks


class Migration(migrations.Migration):
    initial = True

    dependencies = [
        ("accounts", "__first__"),
        ("branches", "0001_initial"),
    ]

    operations = [
        migrations.CreateModel(
            name="Rubric",
            fields=[
                (
                    "id",
                    models.BigAutoField(
                        auto_created=True, primary_key=True, serialize=False, verbose_name="ID"
                    ),
                ),
                (
                    "subject",
                    models.CharField(
                        choices=[
                            ("production", "生产（服务）型党支部"),
                            ("management", "管理型党支部"),
                            ("business", "经营型党支部"),
                            ("full_time", "专职书记"),
                            ("part_time", "兼职书记"),
                        ],
                        max_length=12,
                        unique=True,
                        verbose_name="对象",
                    ),
                ),
                ("code", models.CharField(max_length=12, unique=True, verbose_name="代码")),
                ("name", models.CharField(max_length=60, verbose_name="名称")),
            ],
            options={
                "verbose_name": "考评细则",
                "verbose_name_plural": "考评细则",
                "ordering": ["id"],
            },
        ),
        migrations.CreateModel(
            name="EvaluationPolicy",
            fields=[
                (
                    "id",
                    models.BigAutoField(
                        auto_created=True, primary_key=True, serialize=False, verbose_name="ID"
                    ),
                ),
                ("first_month", models.DateField(verbose_name="起始月份")),
                (
                    "ranking_basis",
                    models.CharField(
                        choices=[
                            ("type", "按类型排名"),
                            ("tier_type", "每组满3个时按层级和类型排名"),
                        ],
                        default="type",
                        max_length=10,
                        verbose_name="排名分组",
                    ),
                ),
                (
                    "min_group_size",
                    models.PositiveSmallIntegerField(default=3, verbose_name="最少几个才排名"),
                ),
                (
                    "key_fail_percent",
                    models.PositiveSmallIntegerField(
                        default=60, verbose_name="重点工作不落实线（%）"
                    ),
                ),
                (
                    "own_share_percent",
                    models.PositiveSmallIntegerField(
                        default=50, verbose_name="党总支本级占比（%）"
                    ),
                ),
                (
                    "visits_per_branch",
                    models.PositiveSmallIntegerField(default=2, verbose_name="每支部检查次数"),
                ),
                (
                    "official_basis",
                    models.CharField(
                        choices=[("raw", "原始分"), ("corrected", "校正后得分")],
                        default="raw",
                        max_length=10,
                        verbose_name="正式名次按",
                    ),
                ),
                (
                    "pairing_memory",
                    models.PositiveSmallIntegerField(
                        default=6, verbose_name="同一对几个月内不重复"
                    ),
                ),
                ("draw_day", models.PositiveSmallIntegerField(default=22, verbose_name="抽签日")),
                (
                    "window_first_day",
                    models.PositiveSmallIntegerField(default=25, verbose_name="互查开始日"),
                ),
                (
                    "appeal_workdays",
                    models.PositiveSmallIntegerField(default=2, verbose_name="申诉工作日"),
                ),
                ("publish_day", models.PositiveSmallIntegerField(default=5, verbose_name="通报日")),
                ("meeting_day", models.PositiveSmallIntegerField(default=8, verbose_name="例会日")),
                (
                    "fix_now_workdays",
                    models.PositiveSmallIntegerField(default=2, verbose_name="立行立改工作日"),
                ),
                (
                    "minor_workdays",
                    models.PositiveSmallIntegerField(default=5, verbose_name="一般问题工作日"),
                ),
                (
                    "major_workdays",
                    models.PositiveSmallIntegerField(
                        default=10, verbose_name="较重、严重问题工作日"
                    ),
                ),
                (
                    "continuing_workdays",
                    models.PositiveSmallIntegerField(default=20, verbose_name="长期坚持工作日"),
                ),
                (
                    "notice_workdays",
                    models.PositiveSmallIntegerField(default=5, verbose_name="通知书整改工作日"),
                ),
                (
                    "acknowledge_workdays",
                    models.PositiveSmallIntegerField(default=2, verbose_name="签收工作日"),
                ),
                (
                    "look_back_workdays",
                    models.PositiveSmallIntegerField(default=5, verbose_name="回头看工作日"),
                ),
                (
                    "committee",
                    models.ForeignKey(
                        on_delete=django.db.models.deletion.PROTECT,
                        related_name="policies",
                        to="branches.committee",
                        verbose_name="党委",
                    ),
                ),
            ],
            options={
                "verbose_name": "考评规则",
                "verbose_name_plural": "考评规则",
                "ordering": ["committee", "-first_month"],
                "constraints": [
                    models.UniqueConstraint(
                        fields=("committee", "first_month"), name="one_policy_per_month"
                    ),
                    models.CheckConstraint(
                        condition=models.Q(("first_month__day", 1)),
                        name="policy_first_of_month",
                        violation_error_message="月份须存为当月1日",
                    ),
                    models.CheckConstraint(
                        condition=models.Q(
                            ("key_fail_percent__lte", 100), ("own_share_percent__lte", 100)
                        ),
                        name="policy_percentages",
                        violation_error_message="百分比不能超过100",
                    ),
                ],
            },
        ),
        migrations.CreateModel(
            name="MonthRound",
            fields=[
                (
                    "id",
                    models.BigAutoField(
                        auto_created=True, primary_key=True, serialize=False, verbose_name="ID"
                    ),
                ),
                ("month", models.DateField(verbose_name="月份")),
                (
                    "status",
                    models.CharField(
                        choices=[
                            ("open", "记录中"),
                            ("inspecting", "互查中"),
                            ("provisional", "初评公示"),
                            ("published", "已通报"),
                        ],
                        default="open",
                        max_length=12,
                        verbose_name="状态",
                    ),
                ),
                (
                    "focus",
                    models.CharField(blank=True, max_length=200, verbose_name="本月检查重点"),
                ),
                ("highlights", models.TextField(blank=True, verbose_name="主要亮点")),
                ("next_focus", models.TextField(blank=True, verbose_name="下月重点")),
                ("opened_at", models.DateTimeField(verbose_name="开启时间")),
                ("records_due_on", models.DateField(verbose_name="记录锁定日")),
                ("window_starts_on", models.DateField(verbose_name="互查开始")),
                ("window_ends_on", models.DateField(verbose_name="互查截止")),
                ("appeals_end_on", models.DateField(verbose_name="申诉截止")),
                ("publish_on", models.DateField(verbose_name="通报日")),
                ("meeting_on", models.DateField(verbose_name="例会日")),
                (
                    "published_at",
                    models.DateTimeField(blank=True, null=True, verbose_name="通报时间"),
                ),
                (
                    "committee",
                    models.ForeignKey(
                        on_delete=django.db.models.deletion.PROTECT,
                        related_name="rounds",
                        to="branches.committee",
                        verbose_name="党委",
                    ),
                ),
                (
                    "policy",
                    models.ForeignKey(
                        on_delete=django.db.models.deletion.PROTECT,
                        related_name="rounds",
                        to="evaluations.evaluationpolicy",
                        verbose_name="考评规则",
                    ),
                ),
            ],
            options={
                "verbose_name": "月度轮次",
                "verbose_name_plural": "月度轮次",
                "ordering": ["-month", "committee"],
                "constraints": [
                    models.UniqueConstraint(
                        fields=("committee", "month"),
                        name="one_round_per_month",
                        violation_error_message="该月已开启",
                    ),
                    models.CheckConstraint(
                        condition=models.Q(("month__day", 1)),
                        name="round_first_of_month",
                        violation_error_message="月份须存为当月1日",
                    ),
                    models.CheckConstraint(
                        condition=models.Q(
                            ("appeals_end_on__gte", models.F("window_ends_on")),
                            ("meeting_on__gte", models.F("publish_on")),
                            ("publish_on__gt", models.F("appeals_end_on")),
                            ("window_ends_on__gte", models.F("window_starts_on")),
                        ),
                        name="round_calendar_in_order",
                        violation_error_message="日历次序须为互查、申诉、通报、例会",
                    ),
                    models.CheckConstraint(
                        condition=models.Q(
                            models.Q(("published_at__isnull", False), ("status", "published")),
                            models.Q(
                                models.Q(("status", "published"), _negated=True),
                                ("published_at__isnull", True),
                            ),
                            _connector="OR",
                        ),
                        name="published_round_has_time",
                    ),
                ],
            },
        ),
        migrations.CreateModel(
            name="InspectionTeam",
            fields=[
                (
                    "id",
                    models.BigAutoField(
                        auto_created=True, primary_key=True, serialize=False, verbose_name="ID"
                    ),
                ),
                ("number", models.PositiveSmallIntegerField(verbose_name="组号")),
                (
                    "branch",
                    models.ForeignKey(
                        on_delete=django.db.models.deletion.PROTECT,
                        related_name="teams",
                        to="branches.branch",
                        verbose_name="派出支部",
                    ),
                ),
                (
                    "round",
                    models.ForeignKey(
                        on_delete=django.db.models.deletion.PROTECT,
                        related_name="teams",
                        to="evaluations.monthround",
                    ),
                ),
            ],
            options={
                "verbose_name": "互查组",
                "verbose_name_plural": "互查组",
                "ordering": ["round", "number"],
                "constraints": [
                    models.UniqueConstraint(fields=("round", "number"), name="team_number_once"),
                    models.UniqueConstraint(fields=("round", "branch"), name="one_team_per_branch"),
                ],
            },
        ),
        migrations.CreateModel(
            name="BulletinDraft",
            fields=[
                (
                    "id",
                    models.BigAutoField(
                        auto_created=True, primary_key=True, serialize=False, verbose_name="ID"
                    ),
                ),
                (
                    "wording",
                    models.CharField(
                        choices=[
                            ("counted", "写明个数：部分党支部（5个，同类共13个）"),
                            ("general", "只说范围：部分党支部"),
                        ],
                        default="counted",
                        max_length=10,
                        verbose_name="共性问题的写法",
                    ),
                ),
                ("words", models.JSONField(blank=True, default=dict, verbose_name="改写")),
                ("bases", models.JSONField(blank=True, default=dict, verbose_name="改写时的原文")),
                ("version", models.PositiveIntegerField(default=1, verbose_name="版本")),
                ("edited_at", models.DateTimeField(blank=True, null=True, verbose_name="改写时间")),
                (
                    "approved_at",
                    models.DateTimeField(blank=True, null=True, verbose_name="审签时间"),
                ),
                (
                    "approved_digest",
                    models.CharField(blank=True, max_length=64, verbose_name="审签稿摘要"),
                ),
                (
                    "approved_by",
                    models.ForeignKey(
                        blank=True,
                        null=True,
                        on_delete=django.db.models.deletion.PROTECT,
                        related_name="+",
                        to=settings.AUTH_USER_MODEL,
                    ),
                ),
                (
                    "edited_by",
                    models.ForeignKey(
                        blank=True,
                        null=True,
                        on_delete=django.db.models.deletion.PROTECT,
                        related_name="+",
                        to=settings.AUTH_USER_MODEL,
                    ),
                ),
                (
                    "round",
                    models.OneToOneField(
                        on_delete=django.db.models.deletion.PROTECT,
                        related_name="bulletin_draft",
                        to="evaluations.monthround",
                    ),
                ),
            ],
            options={
                "verbose_name": "通报稿",
                "verbose_name_plural": "通报稿",
                "constraints": [
                    models.CheckConstraint(
                        condition=models.Q(
                            models.Q(
                                ("approved_at__isnull", True),
                                ("approved_by__isnull", True),
                                ("approved_digest", ""),
                            ),
                            models.Q(
                                ("approved_at__isnull", False),
                                ("approved_by__isnull", False),
                                models.Q(("approved_digest", ""), _negated=True),
                            ),
                            _connector="OR",
                        ),
                        name="approval_is_whole",
                    )
                ],
            },
        ),
        migrations.CreateModel(
            name="PairingDraw",
            fields=[
                (
                    "id",
                    models.BigAutoField(
                        auto_created=True, primary_key=True, serialize=False, verbose_name="ID"
                    ),
                ),
                ("number", models.PositiveSmallIntegerField(verbose_name="第几次")),
                ("seed", models.CharField(max_length=200, verbose_name="种子")),
                ("certificate", models.JSONField(verbose_name="证书")),
                ("digest", models.CharField(max_length=64, verbose_name="摘要")),
                ("drawn_at", models.DateTimeField(verbose_name="抽签时间")),
                ("reason", models.CharField(blank=True, max_length=300, verbose_name="重抽原因")),
                (
                    "drawn_by",
                    models.ForeignKey(
                        blank=True,
                        null=True,
                        on_delete=django.db.models.deletion.PROTECT,
                        related_name="+",
                        to=settings.AUTH_USER_MODEL,
                    ),
                ),
                (
                    "round",
                    models.ForeignKey(
                        on_delete=django.db.models.deletion.PROTECT,
                        related_name="draws",
                        to="evaluations.monthround",
                    ),
                ),
            ],
            options={
                "verbose_name": "抽签",
                "verbose_name_plural": "抽签",
                "ordering": ["round", "-number"],
                "constraints": [
                    models.UniqueConstraint(fields=("round", "number"), name="draw_number_once")
                ],
            },
        ),
        migrations.CreateModel(
            name="PairingChange",
            fields=[
                (
                    "id",
                    models.BigAutoField(
                        auto_created=True, primary_key=True, serialize=False, verbose_name="ID"
                    ),
                ),
                (
                    "kind",
                    models.CharField(
                        choices=[
                            ("by_hand", "手工改派"),
                            ("drop_out", "检查组退出"),
                            ("replan", "补派"),
                        ],
                        max_length=8,
                        verbose_name="方式",
                    ),
                ),
                ("at", models.DateTimeField(verbose_name="时间")),
                ("reason", models.CharField(max_length=300, verbose_name="原因")),
                ("removed", models.JSONField(default=list, verbose_name="取消的检查")),
                ("added", models.JSONField(default=list, verbose_name="新派的检查")),
                ("relaxations", models.JSONField(default=list, verbose_name="放宽")),
                ("faults", models.JSONField(default=list, verbose_name="校验结果")),
                (
                    "actor",
                    models.ForeignKey(
                        blank=True,
                        null=True,
                        on_delete=django.db.models.deletion.PROTECT,
                        related_name="+",
                        to=settings.AUTH_USER_MODEL,
                    ),
                ),
                (
                    "draw",
                    models.ForeignKey(
                        on_delete=django.db.models.deletion.PROTECT,
                        related_name="changes",
                        to="evaluations.pairingdraw",
                    ),
                ),
            ],
            options={
                "verbose_name": "改派记录",
                "verbose_name_plural": "改派记录",
                "ordering": ["draw", "at", "id"],
            },
        ),
        migrations.CreateModel(
            name="PaperBatch",
            fields=[
                (
                    "id",
                    models.BigAutoField(
                        auto_created=True, primary_key=True, serialize=False, verbose_name="ID"
                    ),
                ),
                ("month", models.DateField(verbose_name="考评月份")),
                (
                    "status",
                    models.CharField(
                        choices=[
                            ("waiting", "等待"),
                            ("running", "正在做"),
                            ("ready", "已做好"),
                            ("broken", "没有做成"),
                        ],
                        default="waiting",
                        max_length=8,
                        verbose_name="状态",
                    ),
                ),
                ("asked_at", models.DateTimeField(verbose_name="提出时间")),
                ("touched_at", models.DateTimeField(verbose_name="最近进展")),
                ("total", models.PositiveIntegerField(default=0, verbose_name="共几份")),
                ("done", models.PositiveIntegerField(default=0, verbose_name="已做几份")),
                ("failures", models.JSONField(blank=True, default=list, verbose_name="没有做成的")),
                ("file_name", models.CharField(blank=True, max_length=80, verbose_name="文件")),
                (
                    "asked_by",
                    models.ForeignKey(
                        on_delete=django.db.models.deletion.PROTECT,
                        related_name="+",
                        to=settings.AUTH_USER_MODEL,
                    ),
                ),
                (
                    "committee",
                    models.ForeignKey(
                        on_delete=django.db.models.deletion.PROTECT,
                        related_name="+",
                        to="branches.committee",
                    ),
                ),
            ],
            options={
                "verbose_name": "成批文件",
                "verbose_name_plural": "成批文件",
                "ordering": ["-asked_at", "-id"],
            },
        ),
        migrations.CreateModel(
            name="RankingRun",
            fields=[
                (
                    "id",
                    models.BigAutoField(
                        auto_created=True, primary_key=True, serialize=False, verbose_name="ID"
                    ),
                ),
                ("revision", models.PositiveSmallIntegerField(default=1, verbose_name="修订")),
                ("sequence", models.PositiveIntegerField(unique=True, verbose_name="链序号")),
                ("published_at", models.DateTimeField(verbose_name="发布时间")),
                ("via", models.CharField(max_length=16, verbose_name="途径")),
                ("reason", models.CharField(blank=True, max_length=300, verbose_name="修订原因")),
                ("entry_count", models.PositiveIntegerField(default=0, verbose_name="单位数")),
                (
                    "previous_digest",
                    models.CharField(blank=True, max_length=64, verbose_name="上一摘要"),
                ),
                ("digest", models.CharField(blank=True, max_length=64, verbose_name="摘要")),
                (
                    "published_by",
                    models.ForeignKey(
                        blank=True,
                        null=True,
                        on_delete=django.db.models.deletion.PROTECT,
                        related_name="+",
                        to=settings.AUTH_USER_MODEL,
                        verbose_name="发布人",
                    ),
                ),
                (
                    "round",
                    models.ForeignKey(
                        on_delete=django.db.models.deletion.PROTECT,
                        related_name="runs",
                        to="evaluations.monthround",
                    ),
                ),
            ],
            options={
                "verbose_name": "排名发布",
                "verbose_name_plural": "排名发布",
                "ordering": ["-sequence"],
                "constraints": [
                    models.UniqueConstraint(
                        fields=("round", "revision"), name="one_run_per_revision"
                    )
                ],
            },
        ),
        migrations.CreateModel(
            name="MonthlyBulletin",
            fields=[
                (
                    "id",
                    models.BigAutoField(
                        auto_created=True, primary_key=True, serialize=False, verbose_name="ID"
                    ),
                ),
                ("highlights", models.TextField(blank=True, verbose_name="主要亮点")),
                ("next_focus", models.TextField(blank=True, verbose_name="下月重点")),
                ("created_at", models.DateTimeField(verbose_name="生成时间")),
                (
                    "run",
                    models.OneToOneField(
                        on_delete=django.db.models.deletion.PROTECT,
                        related_name="bulletin",
                        to="evaluations.rankingrun",
                    ),
                ),
            ],
            options={
                "verbose_name": "月度通报",
                "verbose_name_plural": "月度通报",
            },
        ),
        migrations.CreateModel(
            name="BulletinReceipt",
            fields=[
                (
                    "id",
                    models.BigAutoField(
                        auto_created=True, primary_key=True, serialize=False, verbose_name="ID"
                    ),
                ),
                ("at", models.DateTimeField(verbose_name="签阅时间")),
                (
                    "branch",
                    models.ForeignKey(
                        on_delete=django.db.models.deletion.PROTECT,
                        related_name="bulletin_receipts",
                        to="branches.branch",
                    ),
                ),
                (
                    "user",
                    models.ForeignKey(
                        on_delete=django.db.models.deletion.PROTECT,
                        related_name="+",
                        to=settings.AUTH_USER_MODEL,
                    ),
                ),
                (
                    "run",
                    models.ForeignKey(
                        on_delete=django.db.models.deletion.PROTECT,
                        related_name="receipts",
                        to="evaluations.rankingrun",
                    ),
                ),
            ],
            options={
                "verbose_name": "通报签阅",
                "verbose_name_plural": "通报签阅",
                "ordering": ["at", "id"],
                "constraints": [
                    models.UniqueConstraint(fields=("run", "branch"), name="one_receipt_per_branch")
                ],
            },
        ),
        migrations.CreateModel(
            name="Recusal",
            fields=[
                (
                    "id",
                    models.BigAutoField(
                        auto_created=True, primary_key=True, serialize=False, verbose_name="ID"
                    ),
                ),
                ("first_month", models.DateField(verbose_name="起始月份")),
                ("last_month", models.DateField(blank=True, null=True, verbose_name="截止月份")),
                ("reason", models.CharField(max_length=300, verbose_name="原因")),
                ("declared_at", models.DateTimeField(verbose_name="登记时间")),
                (
                    "declared_by",
                    models.ForeignKey(
                        null=True,
                        on_delete=django.db.models.deletion.PROTECT,
                        related_name="+",
                        to=settings.AUTH_USER_MODEL,
                    ),
                ),
                (
                    "inspected",
                    models.ForeignKey(
                        on_delete=django.db.models.deletion.PROTECT,
                        related_name="+",
                        to="branches.branch",
                        verbose_name="被查支部",
                    ),
                ),
                (
                    "inspector",
                    models.ForeignKey(
                        on_delete=django.db.models.deletion.PROTECT,
                        related_name="+",
                        to="branches.branch",
                        verbose_name="派出支部",
                    ),
                ),
            ],
            options={
                "verbose_name": "回避",
                "verbose_name_plural": "回避",
                "ordering": ["-first_month", "id"],
                "constraints": [
                    models.CheckConstraint(
                        condition=models.Q(("first_month__day", 1)),
                        name="recusal_first_of_month",
                        violation_error_message="月份须存为当月1日",
                    ),
                    models.CheckConstraint(
                        condition=models.Q(("inspector", models.F("inspected")), _negated=True),
                        name="recusal_of_two",
                        violation_error_message="本来就不检查自己",
                    ),
                    models.CheckConstraint(
                        condition=models.Q(
                            ("last_month__isnull", True),
                            ("last_month__gte", models.F("first_month")),
                            _connector="OR",
                        ),
                        name="recusal_ends_after_start",
                        violation_error_message="截止月份不能早于起始月份",
                    ),
                ],
            },
        ),
        migrations.CreateModel(
            name="RoundEvent",
            fields=[
                (
                    "id",
                    models.BigAutoField(
                        auto_created=True, primary_key=True, serialize=False, verbose_name="ID"
                    ),
                ),
                ("at", models.DateTimeField(verbose_name="时间")),
                ("step", models.CharField(max_length=32, verbose_name="步骤")),
                ("via", models.CharField(max_length=16, verbose_name="途径")),
                ("note", models.CharField(blank=True, max_length=300, verbose_name="说明")),
                (
                    "actor",
                    models.ForeignKey(
                        blank=True,
                        null=True,
                        on_delete=django.db.models.deletion.PROTECT,
                        related_name="+",
                        to=settings.AUTH_USER_MODEL,
                    ),
                ),
                (
                    "round",
                    models.ForeignKey(
                        on_delete=django.db.models.deletion.PROTECT,
                        related_name="events",
                        to="evaluations.monthround",
                    ),
                ),
            ],
            options={
                "verbose_name": "轮次经过",
                "verbose_name_plural": "轮次经过",
                "ordering": ["at", "id"],
            },
        ),
        migrations.CreateModel(
            name="RubricImport",
            fields=[
                (
                    "id",
                    models.BigAutoField(
                        auto_created=True, primary_key=True, serialize=False, verbose_name="ID"
                    ),
                ),
                ("uploaded_at", models.DateTimeField(verbose_name="上传时间")),
                ("file_name", models.CharField(max_length=120, verbose_name="文件名")),
                ("content", models.JSONField(verbose_name="读懂的内容")),
                ("report", models.JSONField(default=list, verbose_name="没读懂的行")),
                (
                    "rubric",
                    models.ForeignKey(
                        on_delete=django.db.models.deletion.CASCADE,
                        related_name="imports",
                        to="evaluations.rubric",
                    ),
                ),
                (
                    "user",
                    models.ForeignKey(
                        on_delete=django.db.models.deletion.CASCADE,
                        related_name="rubric_imports",
                        to=settings.AUTH_USER_MODEL,
                    ),
                ),
            ],
            options={
                "verbose_name": "细则导入预览",
                "verbose_name_plural": "细则导入预览",
                "ordering": ["-uploaded_at"],
                "constraints": [
                    models.UniqueConstraint(
                        fields=("rubric", "user"), name="one_import_per_officer"
                    )
                ],
            },
        ),
        migrations.CreateModel(
            name="RubricVersion",
            fields=[
                (
                    "id",
                    models.BigAutoField(
                        auto_created=True, primary_key=True, serialize=False, verbose_name="ID"
                    ),
                ),
                ("number", models.PositiveSmallIntegerField(verbose_name="版本号")),
                ("first_month", models.DateField(verbose_name="起始月份")),
                (
                    "status",
                    models.CharField(
                        choices=[("draft", "草稿"), ("active", "生效")],
                        default="draft",
                        max_length=8,
                        verbose_name="状态",
                    ),
                ),
                (
                    "not_due_policy",
                    models.CharField(
                        choices=[("full_marks", "不涉及不扣分"), ("scale", "剔除后折算到100分")],
                        default="full_marks",
                        max_length=12,
                        verbose_name="未到期项目",
                    ),
                ),
                (
                    "bonus_cap",
                    portal.kernel.marks.MarksField(
                        decimal_places=2, default=5, max_digits=7, verbose_name="加分上限"
                    ),
                ),
                ("note", models.CharField(blank=True, max_length=200, verbose_name="修订说明")),
                ("created_at", models.DateTimeField(verbose_name="起草时间")),
                ("frozen_at", models.DateTimeField(blank=True, null=True, verbose_name="冻结时间")),
                (
                    "created_by",
                    models.ForeignKey(
                        blank=True,
                        null=True,
                        on_delete=django.db.models.deletion.PROTECT,
                        related_name="+",
                        to=settings.AUTH_USER_MODEL,
                        verbose_name="起草人",
                    ),
                ),
                (
                    "rubric",
                    models.ForeignKey(
                        on_delete=django.db.models.deletion.PROTECT,
                        related_name="versions",
                        to="evaluations.rubric",
                        verbose_name="细则",
                    ),
                ),
            ],
            options={
                "verbose_name": "细则版本",
                "verbose_name_plural": "细则版本",
                "ordering": ["rubric", "-number"],
                "constraints": [
                    models.UniqueConstraint(
                        fields=("rubric", "number"), name="version_number_once"
                    ),
                    models.UniqueConstraint(
                        condition=models.Q(("status", "active")),
                        fields=("rubric", "first_month"),
                        name="one_active_version_per_month",
                        violation_error_message="该月已有生效版本",
                    ),
                    models.CheckConstraint(
                        condition=models.Q(("first_month__day", 1)),
                        name="version_first_of_month",
                        violation_error_message="月份须存为当月1日",
                    ),
                ],
            },
        ),
        migrations.CreateModel(
            name="BonusRule",
            fields=[
                (
                    "id",
                    models.BigAutoField(
                        auto_created=True, primary_key=True, serialize=False, verbose_name="ID"
                    ),
                ),
                ("code", models.CharField(max_length=4, verbose_name="编号")),
                ("text", models.CharField(max_length=120, verbose_name="情形")),
                (
                    "points",
                    portal.kernel.marks.MarksField(
                        decimal_places=2, max_digits=7, verbose_name="加分"
                    ),
                ),
                (
                    "version",
                    models.ForeignKey(
                        on_delete=django.db.models.deletion.CASCADE,
                        related_name="bonus_rules",
                        to="evaluations.rubricversion",
                    ),
                ),
            ],
            options={
                "verbose_name": "加分项",
                "verbose_name_plural": "加分项",
                "ordering": ["version", "code"],
                "constraints": [
                    models.UniqueConstraint(fields=("version", "code"), name="bonus_code_once")
                ],
            },
        ),
        migrations.CreateModel(
            name="RubricSection",
            fields=[
                (
                    "id",
                    models.BigAutoField(
                        auto_created=True, primary_key=True, serialize=False, verbose_name="ID"
                    ),
                ),
                ("code", models.CharField(max_length=4, verbose_name="编号")),
                ("name", models.CharField(max_length=40, verbose_name="名称")),
                ("name_en", models.CharField(blank=True, max_length=80, verbose_name="英文")),
                (
                    "full_marks",
                    portal.kernel.marks.MarksField(
                        decimal_places=2, max_digits=7, verbose_name="满分"
                    ),
                ),
                ("sort_order", models.PositiveSmallIntegerField(verbose_name="排序")),
                (
                    "version",
                    models.ForeignKey(
                        on_delete=django.db.models.deletion.CASCADE,
                        related_name="sections",
                        to="evaluations.rubricversion",
                    ),
                ),
            ],
            options={
                "verbose_name": "考评类别",
                "verbose_name_plural": "考评类别",
                "ordering": ["sort_order"],
                "constraints": [
                    models.UniqueConstraint(fields=("version", "code"), name="section_code_once")
                ],
            },
        ),
        migrations.CreateModel(
            name="RubricItem",
            fields=[
                (
                    "id",
                    models.BigAutoField(
                        auto_created=True, primary_key=True, serialize=False, verbose_name="ID"
                    ),
                ),
                ("code", models.CharField(max_length=6, verbose_name="编号")),
                ("name", models.CharField(max_length=40, verbose_name="名称")),
                ("name_en", models.CharField(blank=True, max_length=100, verbose_name="英文")),
                (
                    "full_marks",
                    portal.kernel.marks.MarksField(
                        decimal_places=2, max_digits=7, verbose_name="满分"
                    ),
                ),
                ("is_key_work", models.BooleanField(default=False, verbose_name="重点工作")),
                (
                    "frequency",
                    models.CharField(
                        choices=[
                            ("M", "每月"),
                            ("Q", "每季"),
                            ("H", "每半年"),
                            ("Y", "每年"),
                            ("E", "按事件"),
                        ],
                        default="M",
                        max_length=1,
                        verbose_name="周期",
                    ),
                ),
                ("source", models.CharField(max_length=20, verbose_name="数据来源")),
                ("standard", models.CharField(max_length=300, verbose_name="考评要求")),
                ("evidence", models.CharField(blank=True, max_length=120, verbose_name="依据材料")),
                (
                    "applies_when",
                    models.CharField(
                        blank=True,
                        choices=[
                            ("", "都适用"),
                            ("has_committee", "设支委会的支部"),
                            ("has_groups", "设党小组的支部"),
                        ],
                        default="",
                        max_length=16,
                        verbose_name="适用范围",
                    ),
                ),
                ("sort_order", models.PositiveSmallIntegerField(verbose_name="排序")),
                (
                    "section",
                    models.ForeignKey(
                        on_delete=django.db.models.deletion.CASCADE,
                        related_name="items",
                        to="evaluations.rubricsection",
                    ),
                ),
                (
                    "version",
                    models.ForeignKey(
                        on_delete=django.db.models.deletion.CASCADE,
                        related_name="items",
                        to="evaluations.rubricversion",
                    ),
                ),
            ],
            options={
                "verbose_name": "考评项目",
                "verbose_name_plural": "考评项目",
                "ordering": ["sort_order"],
                "constraints": [
                    models.UniqueConstraint(fields=("version", "code"), name="item_code_once"),
                    models.CheckConstraint(
                        condition=models.Q(("full_marks__gt", 0)),
                        name="item_full_marks_positive",
                        violation_error_message="满分须大于0",
                    ),
                ],
            },
        ),
        migrations.CreateModel(
            name="DeductionRule",
            fields=[
                (
                    "id",
                    models.BigAutoField(
                        auto_created=True, primary_key=True, serialize=False, verbose_name="ID"
                    ),
                ),
                ("number", models.PositiveSmallIntegerField(verbose_name="序号")),
                ("text", models.CharField(max_length=120, verbose_name="情形")),
                ("unit", models.CharField(max_length=16, verbose_name="单位")),
                (
                    "points",
                    portal.kernel.marks.MarksField(
                        blank=True,
                        decimal_places=2,
                        max_digits=7,
                        null=True,
                        verbose_name="每单位扣分",
                    ),
                ),
                ("takes_all", models.BooleanField(default=False, verbose_name="扣满分")),
                (
                    "item",
                    models.ForeignKey(
                        on_delete=django.db.models.deletion.CASCADE,
                        related_name="rules",
                        to="evaluations.rubricitem",
                    ),
                ),
            ],
            options={
                "verbose_name": "扣分标准",
                "verbose_name_plural": "扣分标准",
                "ordering": ["item", "number"],
                "constraints": [
                    models.UniqueConstraint(fields=("item", "number"), name="rule_number_once"),
                    models.CheckConstraint(
                        condition=models.Q(
                            models.Q(("points__isnull", True), ("takes_all", True)),
                            models.Q(("points__gt", 0), ("takes_all", False)),
                            _connector="OR",
                        ),
                        name="rule_takes_points_or_all",
                        violation_error_message="扣分标准须写每单位扣几分，或写扣满分",
                    ),
                ],
            },
        ),
        migrations.CreateModel(
            name="RoundParticipant",
            fields=[
                (
                    "id",
                    models.BigAutoField(
                        auto_created=True, primary_key=True, serialize=False, verbose_name="ID"
                    ),
                ),
                (
                    "tier",
                    models.CharField(
                        choices=[("general_branch", "党总支"), ("branch", "党支部")],
                        max_length=16,
                        verbose_name="层级",
                    ),
                ),
                (
                    "branch_type",
                    models.CharField(
                        choices=[
                            ("production", "生产（服务）型"),
                            ("management", "管理型"),
                            ("business", "经营型"),
                        ],
                        max_length=12,
                        verbose_name="类型",
                    ),
                ),
                ("is_exempt", models.BooleanField(default=False, verbose_name="不参评")),
                (
                    "secretary_mode",
                    models.CharField(
                        blank=True,
                        choices=[("full_time", "专职"), ("part_time", "兼职")],
                        max_length=10,
                        verbose_name="专职或兼职",
                    ),
                ),
                ("member_count", models.PositiveIntegerField(default=0, verbose_name="党员数")),
                ("has_committee", models.BooleanField(default=True, verbose_name="设支委会")),
                (
                    "group_count",
                    models.PositiveSmallIntegerField(default=0, verbose_name="党小组数"),
                ),
                (
                    "branch",
                    models.ForeignKey(
                        on_delete=django.db.models.deletion.PROTECT,
                        related_name="participations",
                        to="branches.branch",
                    ),
                ),
                (
                    "parent",
                    models.ForeignKey(
                        blank=True,
                        null=True,
                        on_delete=django.db.models.deletion.PROTECT,
                        related_name="+",
                        to="branches.branch",
                    ),
                ),
                (
                    "round",
                    models.ForeignKey(
                        on_delete=django.db.models.deletion.PROTECT,
                        related_name="participants",
                        to="evaluations.monthround",
                    ),
                ),
                (
                    "secretary",
                    models.ForeignKey(
                        blank=True,
                        null=True,
                        on_delete=django.db.models.deletion.PROTECT,
                        related_name="+",
                        to="branches.person",
                        verbose_name="书记",
                    ),
                ),
                (
                    "rubric_version",
                    models.ForeignKey(
                        on_delete=django.db.models.deletion.PROTECT,
                        related_name="participants",
                        to="evaluations.rubricversion",
                    ),
                ),
            ],
            options={
                "verbose_name": "参评单位",
                "verbose_name_plural": "参评单位",
                "ordering": ["branch__sort_order", "id"],
                "indexes": [
                    models.Index(fields=["round", "branch_type"], name="participants_by_type")
                ],
                "constraints": [
                    models.UniqueConstraint(
                        fields=("round", "branch"), name="branch_once_per_round"
                    )
                ],
            },
        ),
        migrations.CreateModel(
            name="Inspection",
            fields=[
                (
                    "id",
                    models.BigAutoField(
                        auto_created=True, primary_key=True, serialize=False, verbose_name="ID"
                    ),
                ),
                (
                    "inspector_type",
                    models.CharField(
                        choices=[
                            ("production", "生产（服务）型"),
                            ("management", "管理型"),
                            ("business", "经营型"),
                        ],
                        max_length=12,
                    ),
                ),
                (
                    "inspected_type",
                    models.CharField(
                        choices=[
                            ("production", "生产（服务）型"),
                            ("management", "管理型"),
                            ("business", "经营型"),
                        ],
                        max_length=12,
                    ),
                ),
                ("planned_on", models.DateField(blank=True, null=True, verbose_name="检查日期")),
                ("planned_time", models.TimeField(blank=True, null=True, verbose_name="检查时间")),
                ("place", models.CharField(blank=True, max_length=60, verbose_name="地点")),
                (
                    "status",
                    models.CharField(
                        choices=[
                            ("planned", "待检查"),
                            ("under_way", "检查中"),
                            ("submitted", "待被查方确认"),
                            ("confirmed", "双方已确认"),
                            ("set_aside", "已由重查代替"),
                        ],
                        default="planned",
                        max_length=10,
                        verbose_name="状态",
                    ),
                ),
                ("started_at", models.DateTimeField(blank=True, null=True, verbose_name="开始")),
                ("submitted_at", models.DateTimeField(blank=True, null=True, verbose_name="提交")),
                ("confirmed_at", models.DateTimeField(blank=True, null=True, verbose_name="确认")),
                ("objection", models.CharField(blank=True, max_length=500, verbose_name="异议")),
                (
                    "highlights",
                    models.CharField(blank=True, max_length=500, verbose_name="亮点与建议"),
                ),
                (
                    "score",
                    portal.kernel.marks.MarksField(
                        blank=True, decimal_places=2, max_digits=7, null=True, verbose_name="得分"
                    ),
                ),
                ("digest", models.CharField(blank=True, max_length=64, verbose_name="摘要")),
                (
                    "confirmed_by",
                    models.ForeignKey(
                        blank=True,
                        null=True,
                        on_delete=django.db.models.deletion.PROTECT,
                        related_name="+",
                        to=settings.AUTH_USER_MODEL,
                    ),
                ),
                (
                    "inspected_branch",
                    models.ForeignKey(
                        on_delete=django.db.models.deletion.PROTECT,
                        related_name="+",
                        to="branches.branch",
                    ),
                ),
                (
                    "inspector_branch",
                    models.ForeignKey(
                        on_delete=django.db.models.deletion.PROTECT,
                        related_name="+",
                        to="branches.branch",
                    ),
                ),
                (
                    "replaces",
                    models.OneToOneField(
                        blank=True,
                        null=True,
                        on_delete=django.db.models.deletion.PROTECT,
                        related_name="second_visit",
                        to="evaluations.inspection",
                        verbose_name="重查哪一次检查",
                    ),
                ),
                (
                    "submitted_by",
                    models.ForeignKey(
                        blank=True,
                        null=True,
                        on_delete=django.db.models.deletion.PROTECT,
                        related_name="+",
                        to=settings.AUTH_USER_MODEL,
                    ),
                ),
                (
                    "team",
                    models.ForeignKey(
                        on_delete=django.db.models.deletion.PROTECT,
                        related_name="inspections",
                        to="evaluations.inspectionteam",
                    ),
                ),
                (
                    "round",
                    models.ForeignKey(
                        on_delete=django.db.models.deletion.PROTECT,
                        related_name="inspections",
                        to="evaluations.monthround",
                    ),
                ),
                (
                    "participant",
                    models.ForeignKey(
                        on_delete=django.db.models.deletion.PROTECT,
                        related_name="inspections",
                        to="evaluations.roundparticipant",
                        verbose_name="被查支部",
                    ),
                ),
            ],
            options={
                "verbose_name": "检查",
                "verbose_name_plural": "检查",
                "ordering": ["planned_on", "id"],
                "indexes": [models.Index(fields=["round", "status"], name="inspections_of_round")],
                "constraints": [
                    models.UniqueConstraint(
                        fields=("team", "participant"),
                        name="one_visit_per_team_and_branch",
                        violation_error_message="该组本月已安排检查这个支部",
                    ),
                    models.CheckConstraint(
                        condition=models.Q(
                            ("inspector_type", models.F("inspected_type")), _negated=True
                        ),
                        name="inspector_of_another_type",
                        violation_error_message="检查组须来自不同类型的支部",
                    ),
                    models.CheckConstraint(
                        condition=models.Q(
                            ("inspector_branch", models.F("inspected_branch")), _negated=True
                        ),
                        name="nobody_inspects_himself",
                        violation_error_message="不能检查自己的支部",
                    ),
                    models.CheckConstraint(
                        condition=models.Q(
                            ("status__in", ["planned", "under_way"]),
                            models.Q(("score__isnull", False), ("submitted_at__isnull", False)),
                            _connector="OR",
                        ),
                        name="submitted_sheet_has_score",
                    ),
                ],
            },
        ),
        migrations.CreateModel(
            name="Deduction",
            fields=[
                (
                    "id",
                    models.BigAutoField(
                        auto_created=True, primary_key=True, serialize=False, verbose_name="ID"
                    ),
                ),
                ("count", models.PositiveSmallIntegerField(verbose_name="次数")),
                (
                    "points",
                    portal.kernel.marks.MarksField(
                        decimal_places=2, max_digits=7, verbose_name="扣分"
                    ),
                ),
                ("fact", models.CharField(max_length=500, verbose_name="事实")),
                (
                    "severity",
                    models.CharField(
                        choices=[("minor", "一般"), ("major", "较重"), ("critical", "严重")],
                        default="minor",
                        max_length=8,
                        verbose_name="程度",
                    ),
                ),
                (
                    "kind",
                    models.CharField(
                        choices=[
                            ("fix_now", "立行立改"),
                            ("fix_by_date", "限期整改"),
                            ("continuing", "长期坚持"),
                        ],
                        default="fix_by_date",
                        max_length=12,
                        verbose_name="整改方式",
                    ),
                ),
                (
                    "rule",
                    models.ForeignKey(
                        on_delete=django.db.models.deletion.PROTECT,
                        related_name="+",
                        to="evaluations.deductionrule",
                    ),
                ),
                (
                    "inspection",
                    models.ForeignKey(
                        on_delete=django.db.models.deletion.CASCADE,
                        related_name="deductions",
                        to="evaluations.inspection",
                    ),
                ),
                (
                    "item",
                    models.ForeignKey(
                        on_delete=django.db.models.deletion.PROTECT,
                        related_name="+",
                        to="evaluations.rubricitem",
                    ),
                ),
            ],
            options={
                "verbose_name": "扣分",
                "verbose_name_plural": "扣分",
                "ordering": ["item__sort_order", "rule__number"],
                "indexes": [models.Index(fields=["inspection", "item"], name="deductions_of_item")],
                "constraints": [
                    models.UniqueConstraint(
                        fields=("inspection", "rule"), name="rule_once_per_sheet"
                    ),
                    models.CheckConstraint(
                        condition=models.Q(("points__gte", 0)), name="deduction_not_negative"
                    ),
                ],
            },
        ),
        migrations.CreateModel(
            name="Finding",
            fields=[
                (
                    "id",
                    models.BigAutoField(
                        auto_created=True, primary_key=True, serialize=False, verbose_name="ID"
                    ),
                ),
                ("number", models.PositiveSmallIntegerField(verbose_name="序号")),
                ("fact", models.CharField(max_length=500, verbose_name="事实")),
                (
                    "severity",
                    models.CharField(
                        choices=[("minor", "一般"), ("major", "较重"), ("critical", "严重")],
                        max_length=8,
                        verbose_name="程度",
                    ),
                ),
                (
                    "kind",
                    models.CharField(
                        choices=[
                            ("fix_now", "立行立改"),
                            ("fix_by_date", "限期整改"),
                            ("continuing", "长期坚持"),
                        ],
                        max_length=12,
                        verbose_name="整改方式",
                    ),
                ),
                (
                    "status",
                    models.CharField(
                        choices=[
                            ("raised", "待确认"),
                            ("confirmed", "已确认"),
                            ("disputed", "有异议"),
                            ("fixing", "整改中"),
                            ("reported", "待回头看"),
                            ("verified", "已销号"),
                            ("returned", "退回再改"),
                        ],
                        default="raised",
                        max_length=10,
                        verbose_name="状态",
                    ),
                ),
                ("raised_at", models.DateTimeField(verbose_name="提出时间")),
                ("due_on", models.DateField(verbose_name="整改期限")),
                ("cause", models.CharField(blank=True, max_length=300, verbose_name="原因")),
                ("measure", models.CharField(blank=True, max_length=500, verbose_name="整改措施")),
                ("responsible", models.CharField(blank=True, max_length=40, verbose_name="责任人")),
                (
                    "reported_at",
                    models.DateTimeField(blank=True, null=True, verbose_name="报整改时间"),
                ),
                (
                    "verified_at",
                    models.DateTimeField(blank=True, null=True, verbose_name="销号时间"),
                ),
                (
                    "return_reason",
                    models.CharField(blank=True, max_length=300, verbose_name="退回原因"),
                ),
                (
                    "look_back_by",
                    models.DateField(blank=True, null=True, verbose_name="回头看期限"),
                ),
                ("extended_from", models.DateField(blank=True, null=True, verbose_name="原期限")),
                (
                    "awaits_endorsement",
                    models.BooleanField(default=False, verbose_name="待书记背书"),
                ),
                (
                    "endorsed_at",
                    models.DateTimeField(blank=True, null=True, verbose_name="背书时间"),
                ),
                (
                    "rechecked_at",
                    models.DateTimeField(blank=True, null=True, verbose_name="复核时间"),
                ),
                ("version", models.PositiveIntegerField(default=1, verbose_name="版本")),
                (
                    "branch",
                    models.ForeignKey(
                        on_delete=django.db.models.deletion.PROTECT,
                        related_name="findings",
                        to="branches.branch",
                    ),
                ),
                (
                    "deduction",
                    models.OneToOneField(
                        blank=True,
                        null=True,
                        on_delete=django.db.models.deletion.SET_NULL,
                        related_name="finding",
                        to="evaluations.deduction",
                    ),
                ),
                (
                    "endorsed_by",
                    models.ForeignKey(
                        blank=True,
                        null=True,
                        on_delete=django.db.models.deletion.PROTECT,
                        related_name="+",
                        to=settings.AUTH_USER_MODEL,
                        verbose_name="背书人",
                    ),
                ),
                (
                    "inspection",
                    models.ForeignKey(
                        on_delete=django.db.models.deletion.PROTECT,
                        related_name="findings",
                        to="evaluations.inspection",
                    ),
                ),
                (
                    "rechecked_in",
                    models.ForeignKey(
                        blank=True,
                        null=True,
                        on_delete=django.db.models.deletion.PROTECT,
                        related_name="+",
                        to="evaluations.inspection",
                        verbose_name="复核的检查",
                    ),
                ),
                (
                    "item",
                    models.ForeignKey(
                        on_delete=django.db.models.deletion.PROTECT,
                        related_name="+",
                        to="evaluations.rubricitem",
                    ),
                ),
            ],
            options={
                "verbose_name": "问题",
                "verbose_name_plural": "问题",
                "ordering": ["due_on", "id"],
                "indexes": [
                    models.Index(fields=["branch", "status", "due_on"], name="findings_of_branch")
                ],
                "constraints": [
                    models.UniqueConstraint(
                        fields=("inspection", "number"), name="finding_number_once"
                    ),
                    models.CheckConstraint(
                        condition=models.Q(
                            models.Q(("status", "verified"), _negated=True),
                            ("verified_at__isnull", False),
                            _connector="OR",
                        ),
                        name="verified_finding_has_time",
                    ),
                ],
            },
        ),
        migrations.CreateModel(
            name="FindingEvent",
            fields=[
                (
                    "id",
                    models.BigAutoField(
                        auto_created=True, primary_key=True, serialize=False, verbose_name="ID"
                    ),
                ),
                ("at", models.DateTimeField(verbose_name="时间")),
                ("step", models.CharField(max_length=16, verbose_name="步骤")),
                ("note", models.CharField(blank=True, max_length=500, verbose_name="说明")),
                (
                    "actor",
                    models.ForeignKey(
                        blank=True,
                        null=True,
                        on_delete=django.db.models.deletion.PROTECT,
                        related_name="+",
                        to=settings.AUTH_USER_MODEL,
                    ),
                ),
                (
                    "finding",
                    models.ForeignKey(
                        on_delete=django.db.models.deletion.CASCADE,
                        related_name="events",
                        to="evaluations.finding",
                    ),
                ),
            ],
            options={
                "verbose_name": "问题经过",
                "verbose_name_plural": "问题经过",
                "ordering": ["at", "id"],
            },
        ),
        migrations.CreateModel(
            name="RectificationNotice",
            fields=[
                (
                    "id",
                    models.BigAutoField(
                        auto_created=True, primary_key=True, serialize=False, verbose_name="ID"
                    ),
                ),
                (
                    "status",
                    models.CharField(
                        choices=[
                            ("draft", "待核稿"),
                            ("checked", "待签发"),
                            ("issued", "待签收"),
                            ("acknowledged", "整改中"),
                            ("responded", "待审核"),
                            ("accepted", "已办结"),
                            ("returned", "退回再改"),
                            ("withdrawn", "已撤回"),
                        ],
                        default="draft",
                        max_length=12,
                        verbose_name="状态",
                    ),
                ),
                ("drafted_at", models.DateTimeField(verbose_name="起草时间")),
                (
                    "checked_at",
                    models.DateTimeField(blank=True, null=True, verbose_name="核稿时间"),
                ),
                ("issuer_code", models.CharField(blank=True, max_length=20, verbose_name="代字")),
                (
                    "year",
                    models.PositiveSmallIntegerField(blank=True, null=True, verbose_name="年份"),
                ),
                ("number", models.PositiveIntegerField(blank=True, null=True, verbose_name="序号")),
                ("issued_at", models.DateTimeField(blank=True, null=True, verbose_name="签发时间")),
                (
                    "acknowledge_by",
                    models.DateField(blank=True, null=True, verbose_name="签收期限"),
                ),
                ("due_on", models.DateField(blank=True, null=True, verbose_name="整改期限")),
                (
                    "extended_from",
                    models.DateField(blank=True, null=True, verbose_name="延期前的期限"),
                ),
                (
                    "look_back_by",
                    models.DateField(blank=True, null=True, verbose_name="回头看期限"),
                ),
                (
                    "acknowledged_at",
                    models.DateTimeField(blank=True, null=True, verbose_name="签收时间"),
                ),
                (
                    "responded_at",
                    models.DateTimeField(blank=True, null=True, verbose_name="报告时间"),
                ),
                ("closed_at", models.DateTimeField(blank=True, null=True, verbose_name="办结时间")),
                ("version", models.PositiveIntegerField(default=1, verbose_name="版本")),
                (
                    "acknowledged_by",
                    models.ForeignKey(
                        blank=True,
                        null=True,
                        on_delete=django.db.models.deletion.PROTECT,
                        related_name="+",
                        to=settings.AUTH_USER_MODEL,
                    ),
                ),
                (
                    "branch",
                    models.ForeignKey(
                        on_delete=django.db.models.deletion.PROTECT,
                        related_name="notices",
                        to="branches.branch",
                    ),
                ),
                (
                    "checked_by",
                    models.ForeignKey(
                        blank=True,
                        null=True,
                        on_delete=django.db.models.deletion.PROTECT,
                        related_name="+",
                        to=settings.AUTH_USER_MODEL,
                        verbose_name="核稿人",
                    ),
                ),
                (
                    "edited_by",
                    models.ForeignKey(
                        blank=True,
                        null=True,
                        on_delete=django.db.models.deletion.PROTECT,
                        related_name="+",
                        to=settings.AUTH_USER_MODEL,
                        verbose_name="最后改写事实的人",
                    ),
                ),
                (
                    "issued_by",
                    models.ForeignKey(
                        blank=True,
                        null=True,
                        on_delete=django.db.models.deletion.PROTECT,
                        related_name="+",
                        to=settings.AUTH_USER_MODEL,
                    ),
                ),
                (
                    "run",
                    models.ForeignKey(
                        on_delete=django.db.models.deletion.PROTECT,
                        related_name="notices",
                        to="evaluations.rankingrun",
                    ),
                ),
                (
                    "participant",
                    models.ForeignKey(
                        on_delete=django.db.models.deletion.PROTECT,
                        related_name="notices",
                        to="evaluations.roundparticipant",
                    ),
                ),
            ],
            options={
                "verbose_name": "整改通知书",
                "verbose_name_plural": "整改通知书",
                "ordering": ["-drafted_at", "-id"],
                "constraints": [
                    models.UniqueConstraint(fields=("run", "branch"), name="one_notice_per_run"),
                    models.UniqueConstraint(
                        condition=models.Q(("status", "withdrawn"), _negated=True),
                        fields=("participant",),
                        name="one_live_notice_per_month",
                        violation_error_message="该支部本月已有整改通知书",
                    ),
                    models.UniqueConstraint(
                        condition=models.Q(("number__isnull", False)),
                        fields=("issuer_code", "year", "number"),
                        name="notice_number_once",
                    ),
                    models.CheckConstraint(
                        condition=models.Q(
                            ("status__in", ["draft", "checked", "withdrawn"]),
                            models.Q(
                                ("due_on__isnull", False),
                                ("issued_at__isnull", False),
                                ("number__isnull", False),
                            ),
                            _connector="OR",
                        ),
                        name="issued_notice_has_number",
                    ),
                    models.CheckConstraint(
                        condition=models.Q(
                            models.Q(("checked_at__isnull", True), ("checked_by__isnull", True)),
                            models.Q(("checked_at__isnull", False), ("checked_by__isnull", False)),
                            _connector="OR",
                        ),
                        name="check_of_notice_is_whole",
                    ),
                    models.CheckConstraint(
                        condition=models.Q(
                            ("status__in", ["draft", "withdrawn"]),
                            ("checked_at__isnull", False),
                            _connector="OR",
                        ),
                        name="signed_notice_was_checked",
                    ),
                    models.CheckConstraint(
                        condition=models.Q(
                            models.Q(("status__in", ["responded", "accepted"]), _negated=True),
                            ("responded_at__isnull", False),
                            _connector="OR",
                        ),
                        name="responded_notice_has_time",
                    ),
                ],
            },
        ),
        migrations.CreateModel(
            name="NoticeEvent",
            fields=[
                (
                    "id",
                    models.BigAutoField(
                        auto_created=True, primary_key=True, serialize=False, verbose_name="ID"
                    ),
                ),
                ("at", models.DateTimeField(verbose_name="时间")),
                ("step", models.CharField(max_length=16, verbose_name="步骤")),
                ("note", models.CharField(blank=True, max_length=500, verbose_name="说明")),
                (
                    "actor",
                    models.ForeignKey(
                        blank=True,
                        null=True,
                        on_delete=django.db.models.deletion.PROTECT,
                        related_name="+",
                        to=settings.AUTH_USER_MODEL,
                    ),
                ),
                (
                    "notice",
                    models.ForeignKey(
                        on_delete=django.db.models.deletion.CASCADE,
                        related_name="events",
                        to="evaluations.rectificationnotice",
                    ),
                ),
            ],
            options={
                "verbose_name": "通知书经过",
                "verbose_name_plural": "通知书经过",
                "ordering": ["at", "id"],
            },
        ),
        migrations.CreateModel(
            name="IssuedPaper",
            fields=[
                (
                    "id",
                    models.BigAutoField(
                        auto_created=True, primary_key=True, serialize=False, verbose_name="ID"
                    ),
                ),
                (
                    "kind",
                    models.CharField(
                        choices=[("notice", "整改通知书"), ("bulletin", "月度通报")],
                        max_length=10,
                        verbose_name="文种",
                    ),
                ),
                ("month", models.DateField(verbose_name="考评月份")),
                ("issuer_code", models.CharField(max_length=20, verbose_name="代字")),
                ("year", models.PositiveSmallIntegerField(verbose_name="年份")),
                ("number", models.PositiveIntegerField(verbose_name="序号")),
                ("title", models.CharField(max_length=200, verbose_name="标题")),
                ("text", models.TextField(verbose_name="正文")),
                ("code", models.CharField(max_length=16, unique=True, verbose_name="核验码")),
                ("words", models.JSONField(verbose_name="文稿")),
                ("digest", models.CharField(max_length=64, verbose_name="摘要")),
                ("kept_at", models.DateTimeField(verbose_name="签发时间")),
                ("voided_at", models.DateTimeField(blank=True, null=True, verbose_name="作废时间")),
                (
                    "void_reason",
                    models.CharField(blank=True, max_length=300, verbose_name="作废原因"),
                ),
                (
                    "cleared_at",
                    models.DateTimeField(blank=True, null=True, verbose_name="清理时间"),
                ),
                (
                    "branch",
                    models.ForeignKey(
                        blank=True,
                        null=True,
                        on_delete=django.db.models.deletion.PROTECT,
                        related_name="papers",
                        to="branches.branch",
                        verbose_name="主送支部",
                    ),
                ),
                (
                    "committee",
                    models.ForeignKey(
                        on_delete=django.db.models.deletion.PROTECT,
                        related_name="papers",
                        to="branches.committee",
                        verbose_name="党委",
                    ),
                ),
                (
                    "signed_by",
                    models.ForeignKey(
                        on_delete=django.db.models.deletion.PROTECT,
                        related_name="+",
                        to=settings.AUTH_USER_MODEL,
                        verbose_name="签发人",
                    ),
                ),
                (
                    "run",
                    models.ForeignKey(
                        blank=True,
                        null=True,
                        on_delete=django.db.models.deletion.PROTECT,
                        related_name="papers",
                        to="evaluations.rankingrun",
                    ),
                ),
                (
                    "notice",
                    models.OneToOneField(
                        blank=True,
                        null=True,
                        on_delete=django.db.models.deletion.PROTECT,
                        related_name="paper",
                        to="evaluations.rectificationnotice",
                    ),
                ),
            ],
            options={
                "verbose_name": "签发稿",
                "verbose_name_plural": "签发稿",
                "ordering": ["-kept_at", "-id"],
                "indexes": [models.Index(fields=["committee", "month"], name="papers_of_a_month")],
                "constraints": [
                    models.UniqueConstraint(
                        fields=("issuer_code", "year", "number"), name="paper_number_once"
                    ),
                    models.UniqueConstraint(
                        condition=models.Q(("voided_at__isnull", True)),
                        fields=("run",),
                        name="one_live_bulletin_per_run",
                        violation_error_message="这次发布的通报已签发",
                    ),
                    models.CheckConstraint(
                        condition=models.Q(
                            models.Q(
                                ("kind", "notice"), ("notice__isnull", False), ("run__isnull", True)
                            ),
                            models.Q(
                                ("kind", "bulletin"),
                                ("notice__isnull", True),
                                ("run__isnull", False),
                            ),
                            _connector="OR",
                        ),
                        name="paper_is_of_one_thing",
                    ),
                ],
            },
        ),
        migrations.CreateModel(
            name="RankingEntry",
            fields=[
                (
                    "id",
                    models.BigAutoField(
                        auto_created=True, primary_key=True, serialize=False, verbose_name="ID"
                    ),
                ),
                (
                    "tier",
                    models.CharField(
                        choices=[("general_branch", "党总支"), ("branch", "党支部")], max_length=16
                    ),
                ),
                (
                    "branch_type",
                    models.CharField(
                        choices=[
                            ("production", "生产（服务）型"),
                            ("management", "管理型"),
                            ("business", "经营型"),
                        ],
                        max_length=12,
                    ),
                ),
                ("group_key", models.CharField(max_length=32, verbose_name="排名组")),
                (
                    "secretary_mode",
                    models.CharField(
                        blank=True,
                        choices=[("full_time", "专职"), ("part_time", "兼职")],
                        max_length=10,
                    ),
                ),
                ("visits", models.PositiveSmallIntegerField(verbose_name="检查次数")),
                (
                    "base",
                    portal.kernel.marks.MarksField(
                        decimal_places=2, max_digits=7, null=True, verbose_name="基本分"
                    ),
                ),
                (
                    "correction",
                    portal.kernel.marks.MarksField(
                        blank=True,
                        decimal_places=2,
                        help_text="空：按原始分排名的月份",
                        max_digits=7,
                        null=True,
                        verbose_name="校正",
                    ),
                ),
                (
                    "bonus",
                    portal.kernel.marks.MarksField(
                        decimal_places=2, max_digits=7, verbose_name="加分"
                    ),
                ),
                (
                    "cap",
                    portal.kernel.marks.MarksField(
                        blank=True, decimal_places=2, max_digits=7, null=True, verbose_name="封顶"
                    ),
                ),
                (
                    "total",
                    portal.kernel.marks.MarksField(
                        decimal_places=2, max_digits=7, null=True, verbose_name="总分"
                    ),
                ),
                (
                    "key_marks",
                    portal.kernel.marks.MarksField(
                        decimal_places=2, max_digits=7, null=True, verbose_name="重点工作得分"
                    ),
                ),
                (
                    "open_findings",
                    models.PositiveIntegerField(default=0, verbose_name="未销号问题"),
                ),
                ("band", models.CharField(blank=True, max_length=8, verbose_name="等次")),
                ("rank", models.PositiveIntegerField(null=True, verbose_name="名次")),
                ("group_size", models.PositiveIntegerField(verbose_name="同组数")),
                (
                    "unranked_reason",
                    models.CharField(
                        blank=True,
                        choices=[
                            ("", "参加排名"),
                            ("exempt", "不参评"),
                            ("not_inspected", "本月未检查"),
                            ("small_group", "同类不足数，只列不排"),
                        ],
                        max_length=16,
                        verbose_name="不排名原因",
                    ),
                ),
                (
                    "previous_total",
                    portal.kernel.marks.MarksField(
                        decimal_places=2, max_digits=7, null=True, verbose_name="上月总分"
                    ),
                ),
                ("previous_rank", models.PositiveIntegerField(null=True, verbose_name="上月名次")),
                (
                    "branch",
                    models.ForeignKey(
                        on_delete=django.db.models.deletion.PROTECT,
                        related_name="ranking_entries",
                        to="branches.branch",
                    ),
                ),
                (
                    "secretary",
                    models.ForeignKey(
                        blank=True,
                        null=True,
                        on_delete=django.db.models.deletion.PROTECT,
                        related_name="+",
                        to="branches.person",
                    ),
                ),
                (
                    "run",
                    models.ForeignKey(
                        on_delete=django.db.models.deletion.PROTECT,
                        related_name="entries",
                        to="evaluations.rankingrun",
                    ),
                ),
                (
                    "participant",
                    models.ForeignKey(
                        on_delete=django.db.models.deletion.PROTECT,
                        related_name="entries",
                        to="evaluations.roundparticipant",
                    ),
                ),
            ],
            options={
                "verbose_name": "名次",
                "verbose_name_plural": "名次",
                "ordering": ["group_key", "rank", "id"],
                "indexes": [
                    models.Index(fields=["run", "group_key", "rank"], name="entries_in_order")
                ],
                "constraints": [
                    models.UniqueConstraint(fields=("run", "branch"), name="one_entry_per_branch")
                ],
            },
        ),
        migrations.CreateModel(
            name="MeetingDecision",
            fields=[
                (
                    "id",
                    models.BigAutoField(
                        auto_created=True, primary_key=True, serialize=False, verbose_name="ID"
                    ),
                ),
                (
                    "branch_type",
                    models.CharField(
                        blank=True,
                        choices=[
                            ("production", "生产（服务）型"),
                            ("management", "管理型"),
                            ("business", "经营型"),
                        ],
                        max_length=12,
                        verbose_name="共性问题的类型",
                    ),
                ),
                (
                    "item_code",
                    models.CharField(blank=True, max_length=16, verbose_name="共性问题的项目"),
                ),
                ("text", models.CharField(max_length=200, verbose_name="决定")),
                ("owner", models.CharField(max_length=40, verbose_name="谁来办")),
                ("due_on", models.DateField(verbose_name="什么时候办完")),
                ("decided_at", models.DateTimeField(verbose_name="决定时间")),
                ("done_on", models.DateField(blank=True, null=True, verbose_name="办完日期")),
                ("result", models.CharField(blank=True, max_length=200, verbose_name="办得怎样")),
                (
                    "client_key",
                    models.UUIDField(blank=True, null=True, unique=True, verbose_name="提交标识"),
                ),
                (
                    "decided_by",
                    models.ForeignKey(
                        on_delete=django.db.models.deletion.PROTECT,
                        related_name="+",
                        to=settings.AUTH_USER_MODEL,
                    ),
                ),
                (
                    "round",
                    models.ForeignKey(
                        on_delete=django.db.models.deletion.PROTECT,
                        related_name="decisions",
                        to="evaluations.monthround",
                    ),
                ),
                (
                    "participant",
                    models.ForeignKey(
                        blank=True,
                        null=True,
                        on_delete=django.db.models.deletion.PROTECT,
                        related_name="decisions",
                        to="evaluations.roundparticipant",
                        verbose_name="涉及支部",
                    ),
                ),
            ],
            options={
                "verbose_name": "例会决定",
                "verbose_name_plural": "例会决定",
                "ordering": ["due_on", "id"],
            },
        ),
        migrations.CreateModel(
            name="MeetingComment",
            fields=[
                (
                    "id",
                    models.BigAutoField(
                        auto_created=True, primary_key=True, serialize=False, verbose_name="ID"
                    ),
                ),
                (
                    "verdict",
                    models.CharField(
                        blank=True,
                        choices=[
                            ("good", "好"),
                            ("fairly_good", "较好"),
                            ("average", "一般"),
                            ("poor", "差"),
                        ],
                        max_length=12,
                        verbose_name="点评",
                    ),
                ),
                ("text", models.CharField(blank=True, max_length=300, verbose_name="点评意见")),
                (
                    "own_words",
                    models.CharField(
                        blank=True,
                        help_text="书记会前填，例会上照读",
                        max_length=300,
                        verbose_name="支部自己说",
                    ),
                ),
                ("said_at", models.DateTimeField(blank=True, null=True, verbose_name="点评时间")),
                ("version", models.PositiveIntegerField(default=1, verbose_name="版本")),
                (
                    "said_by",
                    models.ForeignKey(
                        blank=True,
                        null=True,
                        on_delete=django.db.models.deletion.PROTECT,
                        related_name="+",
                        to=settings.AUTH_USER_MODEL,
                    ),
                ),
                (
                    "round",
                    models.ForeignKey(
                        on_delete=django.db.models.deletion.PROTECT,
                        related_name="comments",
                        to="evaluations.monthround",
                    ),
                ),
                (
                    "participant",
                    models.OneToOneField(
                        on_delete=django.db.models.deletion.PROTECT,
                        related_name="comment",
                        to="evaluations.roundparticipant",
                    ),
                ),
            ],
            options={
                "verbose_name": "例会点评",
                "verbose_name_plural": "例会点评",
            },
        ),
        migrations.CreateModel(
            name="CorrectedScore",
            fields=[
                (
                    "id",
                    models.BigAutoField(
                        auto_created=True, primary_key=True, serialize=False, verbose_name="ID"
                    ),
                ),
                ("part", models.PositiveIntegerField(default=0, verbose_name="片")),
                (
                    "raw",
                    portal.kernel.marks.MarksField(
                        decimal_places=2, max_digits=7, verbose_name="原始平均"
                    ),
                ),
                (
                    "correction",
                    portal.kernel.marks.MarksField(
                        decimal_places=2, max_digits=7, verbose_name="校正"
                    ),
                ),
                (
                    "withheld",
                    portal.kernel.marks.MarksField(
                        decimal_places=2, default=0, max_digits=7, verbose_name="未采用的校正"
                    ),
                ),
                (
                    "raw_total",
                    portal.kernel.marks.MarksField(
                        decimal_places=2, max_digits=7, verbose_name="按原始分的总分"
                    ),
                ),
                ("raw_rank", models.PositiveIntegerField(null=True, verbose_name="按原始分的名次")),
                (
                    "raw_se",
                    portal.kernel.marks.MarksField(
                        decimal_places=2, max_digits=7, verbose_name="原始分的误差"
                    ),
                ),
                (
                    "total",
                    portal.kernel.marks.MarksField(
                        decimal_places=2, max_digits=7, verbose_name="校正后总分"
                    ),
                ),
                ("rank", models.PositiveIntegerField(null=True, verbose_name="校正后名次")),
                (
                    "se",
                    portal.kernel.marks.MarksField(
                        decimal_places=2, max_digits=7, verbose_name="误差"
                    ),
                ),
                ("tie_band", models.PositiveIntegerField(null=True, verbose_name="档")),
                ("rank_low", models.PositiveIntegerField(null=True, verbose_name="可能最前")),
                ("rank_high", models.PositiveIntegerField(null=True, verbose_name="可能最后")),
                ("is_comparable", models.BooleanField(default=True, verbose_name="可比")),
                (
                    "reason",
                    models.CharField(
                        blank=True,
                        choices=[
                            ("", "已校正"),
                            ("apart", "与同组其他支部没有共同的检查组，只在本片内可比，不校正"),
                            ("little_history", "检查组打分还少，没有校正"),
                            ("first_month", "首月只有一个组检查，没有校正"),
                            ("held", "校正幅度超过8分，留给人工核定，没有校正"),
                        ],
                        max_length=16,
                        verbose_name="没有校正的原因",
                    ),
                ),
                ("teams", models.JSONField(default=list, verbose_name="各组打分")),
                (
                    "branch",
                    models.ForeignKey(
                        on_delete=django.db.models.deletion.PROTECT,
                        related_name="corrected_scores",
                        to="branches.branch",
                    ),
                ),
                (
                    "run",
                    models.ForeignKey(
                        on_delete=django.db.models.deletion.PROTECT,
                        related_name="corrected",
                        to="evaluations.rankingrun",
                    ),
                ),
                (
                    "participant",
                    models.ForeignKey(
                        on_delete=django.db.models.deletion.PROTECT,
                        related_name="+",
                        to="evaluations.roundparticipant",
                    ),
                ),
            ],
            options={
                "verbose_name": "校正分",
                "verbose_name_plural": "校正分",
                "ordering": ["run", "branch"],
                "constraints": [
                    models.UniqueConstraint(
                        fields=("run", "branch"), name="one_correction_per_branch"
                    )
                ],
            },
        ),
        migrations.CreateModel(
            name="BonusEntry",
            fields=[
                (
                    "id",
                    models.BigAutoField(
                        auto_created=True, primary_key=True, serialize=False, verbose_name="ID"
                    ),
                ),
                (
                    "points",
                    portal.kernel.marks.MarksField(
                        decimal_places=2, max_digits=7, verbose_name="加分"
                    ),
                ),
                ("fact", models.CharField(max_length=500, verbose_name="事实与依据")),
                ("approved_at", models.DateTimeField(verbose_name="核定时间")),
                (
                    "approved_by",
                    models.ForeignKey(
                        on_delete=django.db.models.deletion.PROTECT,
                        related_name="+",
                        to=settings.AUTH_USER_MODEL,
                    ),
                ),
                (
                    "rule",
                    models.ForeignKey(
                        on_delete=django.db.models.deletion.PROTECT,
                        related_name="+",
                        to="evaluations.bonusrule",
                    ),
                ),
                (
                    "participant",
                    models.ForeignKey(
                        on_delete=django.db.models.deletion.PROTECT,
                        related_name="bonuses",
                        to="evaluations.roundparticipant",
                    ),
                ),
            ],
            options={
                "verbose_name": "加分",
                "verbose_name_plural": "加分",
                "ordering": ["participant", "id"],
                "constraints": [
                    models.CheckConstraint(
                        condition=models.Q(("points__gt", 0)),
                        name="bonus_positive",
                        violation_error_message="加分须大于0",
                    )
                ],
            },
        ),
        migrations.CreateModel(
            name="NoticeProblem",
            fields=[
                (
                    "id",
                    models.BigAutoField(
                        auto_created=True, primary_key=True, serialize=False, verbose_name="ID"
                    ),
                ),
                ("number", models.PositiveSmallIntegerField(verbose_name="序号")),
                (
                    "trigger",
                    models.CharField(
                        choices=[
                            ("below_line", "重点工作得分低于规定比例"),
                            ("takes_all", "重点工作扣满分"),
                            ("critical", "问题程度严重"),
                            ("three_months", "同一问题连续三个月"),
                        ],
                        max_length=16,
                        verbose_name="触发规则",
                    ),
                ),
                (
                    "marks",
                    portal.kernel.marks.MarksField(
                        decimal_places=2, max_digits=7, verbose_name="得分"
                    ),
                ),
                (
                    "full_marks",
                    portal.kernel.marks.MarksField(
                        decimal_places=2, max_digits=7, verbose_name="满分"
                    ),
                ),
                ("facts", models.TextField(verbose_name="事实")),
                ("cause", models.CharField(blank=True, max_length=300, verbose_name="原因")),
                ("measure", models.CharField(blank=True, max_length=500, verbose_name="整改措施")),
                ("responsible", models.CharField(blank=True, max_length=40, verbose_name="责任人")),
                ("done_on", models.DateField(blank=True, null=True, verbose_name="完成时间")),
                ("result", models.CharField(blank=True, max_length=500, verbose_name="完成情况")),
                (
                    "notice",
                    models.ForeignKey(
                        on_delete=django.db.models.deletion.CASCADE,
                        related_name="problems",
                        to="evaluations.rectificationnotice",
                    ),
                ),
                (
                    "item",
                    models.ForeignKey(
                        on_delete=django.db.models.deletion.PROTECT,
                        related_name="+",
                        to="evaluations.rubricitem",
                    ),
                ),
            ],
            options={
                "verbose_name": "通知书问题",
                "verbose_name_plural": "通知书问题",
                "ordering": ["notice", "number"],
                "constraints": [
                    models.UniqueConstraint(
                        fields=("notice", "number"), name="problem_number_once"
                    ),
                    models.UniqueConstraint(fields=("notice", "item"), name="problem_item_once"),
                ],
            },
        ),
        migrations.CreateModel(
            name="ItemCheck",
            fields=[
                (
                    "id",
                    models.BigAutoField(
                        auto_created=True, primary_key=True, serialize=False, verbose_name="ID"
                    ),
                ),
                (
                    "state",
                    models.CharField(
                        blank=True,
                        choices=[
                            ("", "照常"),
                            ("not_applicable", "本月不涉及"),
                            ("judged", "本月已开展，照常检查"),
                        ],
                        default="",
                        max_length=16,
                        verbose_name="情况",
                    ),
                ),
                ("reason", models.CharField(blank=True, max_length=200, verbose_name="原因")),
                ("version", models.PositiveIntegerField(default=1, verbose_name="版本")),
                ("checked_at", models.DateTimeField(verbose_name="检查时间")),
                (
                    "checked_by",
                    models.ForeignKey(
                        on_delete=django.db.models.deletion.PROTECT,
                        related_name="+",
                        to=settings.AUTH_USER_MODEL,
                    ),
                ),
                (
                    "inspection",
                    models.ForeignKey(
                        on_delete=django.db.models.deletion.CASCADE,
                        related_name="checks",
                        to="evaluations.inspection",
                    ),
                ),
                (
                    "item",
                    models.ForeignKey(
                        on_delete=django.db.models.deletion.PROTECT,
                        related_name="+",
                        to="evaluations.rubricitem",
                    ),
                ),
            ],
            options={
                "verbose_name": "已检项目",
                "verbose_name_plural": "已检项目",
                "indexes": [
                    models.Index(
                        condition=models.Q(("state", ""), _negated=True),
                        fields=["inspection", "item"],
                        name="checks_that_speak",
                    )
                ],
                "constraints": [
                    models.UniqueConstraint(
                        fields=("inspection", "item"), name="check_once_per_item"
                    ),
                    models.CheckConstraint(
                        condition=models.Q(
                            ("state", ""), models.Q(("reason", ""), _negated=True), _connector="OR"
                        ),
                        name="check_state_has_reason",
                        violation_error_message="请写明为什么",
                    ),
                ],
            },
        ),
        migrations.CreateModel(
            name="Band",
            fields=[
                (
                    "id",
                    models.BigAutoField(
                        auto_created=True, primary_key=True, serialize=False, verbose_name="ID"
                    ),
                ),
                ("name", models.CharField(max_length=8, verbose_name="等次")),
                (
                    "floor",
                    portal.kernel.marks.MarksField(
                        decimal_places=2, max_digits=7, verbose_name="最低分"
                    ),
                ),
                (
                    "version",
                    models.ForeignKey(
                        on_delete=django.db.models.deletion.CASCADE,
                        related_name="bands",
                        to="evaluations.rubricversion",
                    ),
                ),
            ],
            options={
                "verbose_name": "等次",
                "verbose_name_plural": "等次",
                "ordering": ["version", "-floor"],
                "constraints": [
                    models.UniqueConstraint(fields=("version", "name"), name="band_name_once"),
                    models.UniqueConstraint(fields=("version", "floor"), name="band_floor_once"),
                ],
            },
        ),
        migrations.CreateModel(
            name="RunCalibration",
            fields=[
                (
                    "id",
                    models.BigAutoField(
                        auto_created=True, primary_key=True, serialize=False, verbose_name="ID"
                    ),
                ),
                (
                    "basis",
                    models.CharField(
                        choices=[("raw", "原始分"), ("corrected", "校正后得分")],
                        max_length=10,
                        verbose_name="正式名次按",
                    ),
                ),
                ("model_version", models.CharField(max_length=16, verbose_name="模型")),
                ("input_digest", models.CharField(max_length=64, verbose_name="输入摘要")),
                ("row_count", models.PositiveIntegerField(verbose_name="评分表数")),
                ("reliability", models.JSONField(default=dict, verbose_name="可靠度")),
                (
                    "run",
                    models.OneToOneField(
                        on_delete=django.db.models.deletion.PROTECT,
                        related_name="calibration",
                        to="evaluations.rankingrun",
                    ),
                ),
            ],
            options={
                "verbose_name": "校正依据",
                "verbose_name_plural": "校正依据",
            },
        ),
        migrations.CreateModel(
            name="ScoreAppeal",
            fields=[
                (
                    "id",
                    models.BigAutoField(
                        auto_created=True, primary_key=True, serialize=False, verbose_name="ID"
                    ),
                ),
                (
                    "status",
                    models.CharField(
                        choices=[
                            ("filed", "待复核"),
                            ("upheld", "申诉成立"),
                            ("rejected", "维持原扣分"),
                            ("revisit", "另派组重查"),
                            ("replaced", "以重查为准"),
                        ],
                        default="filed",
                        max_length=8,
                        verbose_name="状态",
                    ),
                ),
                ("text", models.CharField(max_length=500, verbose_name="申诉理由")),
                ("filed_at", models.DateTimeField(verbose_name="申诉时间")),
                ("decision", models.CharField(blank=True, max_length=500, verbose_name="复核意见")),
                (
                    "decided_at",
                    models.DateTimeField(blank=True, null=True, verbose_name="复核时间"),
                ),
                ("count_before", models.PositiveSmallIntegerField(verbose_name="原次数")),
                (
                    "count_after",
                    models.PositiveSmallIntegerField(
                        blank=True, null=True, verbose_name="改后次数"
                    ),
                ),
                (
                    "branch",
                    models.ForeignKey(
                        on_delete=django.db.models.deletion.PROTECT,
                        related_name="appeals",
                        to="branches.branch",
                    ),
                ),
                (
                    "decided_by",
                    models.ForeignKey(
                        blank=True,
                        null=True,
                        on_delete=django.db.models.deletion.PROTECT,
                        related_name="+",
                        to=settings.AUTH_USER_MODEL,
                    ),
                ),
                (
                    "deduction",
                    models.ForeignKey(
                        on_delete=django.db.models.deletion.PROTECT,
                        related_name="appeals",
                        to="evaluations.deduction",
                    ),
                ),
                (
                    "filed_by",
                    models.ForeignKey(
                        on_delete=django.db.models.deletion.PROTECT,
                        related_name="+",
                        to=settings.AUTH_USER_MODEL,
                    ),
                ),
            ],
            options={
                "verbose_name": "申诉",
                "verbose_name_plural": "申诉",
                "ordering": ["filed_at"],
                "constraints": [
                    models.UniqueConstraint(
                        condition=models.Q(("status", "filed")),
                        fields=("deduction",),
                        name="one_open_appeal",
                        violation_error_message="这一条已在复核",
                    ),
                    models.CheckConstraint(
                        condition=models.Q(
                            ("status", "filed"),
                            models.Q(
                                ("decided_at__isnull", False),
                                ("decided_by__isnull", False),
                                models.Q(("decision", ""), _negated=True),
                            ),
                            _connector="OR",
                        ),
                        name="decided_appeal_has_decision",
                    ),
                ],
            },
        ),
        migrations.CreateModel(
            name="SheetSignature",
            fields=[
                (
                    "id",
                    models.BigAutoField(
                        auto_created=True, primary_key=True, serialize=False, verbose_name="ID"
                    ),
                ),
                (
                    "side",
                    models.CharField(
                        choices=[("inspectors", "检查组"), ("inspected", "被查支部")],
                        max_length=10,
                        verbose_name="哪一方",
                    ),
                ),
                ("objection", models.CharField(blank=True, max_length=500, verbose_name="异议")),
                ("signed_at", models.DateTimeField(verbose_name="签字时间")),
                ("phone_at", models.DateTimeField(blank=True, null=True, verbose_name="手机时间")),
                ("received_at", models.DateTimeField(verbose_name="收到时间")),
                (
                    "inspection",
                    models.ForeignKey(
                        on_delete=django.db.models.deletion.PROTECT,
                        related_name="signatures",
                        to="evaluations.inspection",
                    ),
                ),
                (
                    "person",
                    models.ForeignKey(
                        on_delete=django.db.models.deletion.PROTECT,
                        related_name="+",
                        to="branches.person",
                        verbose_name="签字人",
                    ),
                ),
                (
                    "phone_of",
                    models.ForeignKey(
                        on_delete=django.db.models.deletion.PROTECT,
                        related_name="+",
                        to=settings.AUTH_USER_MODEL,
                    ),
                ),
            ],
            options={
                "verbose_name": "当面签",
                "verbose_name_plural": "当面签",
                "ordering": ["signed_at", "id"],
                "constraints": [
                    models.UniqueConstraint(
                        fields=("inspection", "side"),
                        name="one_signature_per_side",
                        violation_error_message="这一方已经签过",
                    ),
                    models.CheckConstraint(
                        condition=models.Q(
                            ("side", "inspected"), ("objection", ""), _connector="OR"
                        ),
                        name="only_the_inspected_object",
                    ),
                ],
            },
        ),
        migrations.CreateModel(
            name="TeamAbsence",
            fields=[
                (
                    "id",
                    models.BigAutoField(
                        auto_created=True, primary_key=True, serialize=False, verbose_name="ID"
                    ),
                ),
                ("reason", models.CharField(max_length=300, verbose_name="原因")),
                ("declared_at", models.DateTimeField(verbose_name="登记时间")),
                (
                    "branch",
                    models.ForeignKey(
                        on_delete=django.db.models.deletion.PROTECT,
                        related_name="+",
                        to="branches.branch",
                        verbose_name="支部",
                    ),
                ),
                (
                    "declared_by",
                    models.ForeignKey(
                        null=True,
                        on_delete=django.db.models.deletion.PROTECT,
                        related_name="+",
                        to=settings.AUTH_USER_MODEL,
                    ),
                ),
                (
                    "round",
                    models.ForeignKey(
                        on_delete=django.db.models.deletion.PROTECT,
                        related_name="absences",
                        to="evaluations.monthround",
                    ),
                ),
            ],
            options={
                "verbose_name": "派不出组",
                "verbose_name_plural": "派不出组",
                "ordering": ["round", "declared_at"],
                "constraints": [
                    models.UniqueConstraint(
                        fields=("round", "branch"),
                        name="absent_once_per_round",
                        violation_error_message="该支部本月已登记派不出组",
                    )
                ],
            },
        ),
        migrations.CreateModel(
            name="TeamMember",
            fields=[
                (
                    "id",
                    models.BigAutoField(
                        auto_created=True, primary_key=True, serialize=False, verbose_name="ID"
                    ),
                ),
                ("is_leader", models.BooleanField(default=False, verbose_name="组长")),
                (
                    "person",
                    models.ForeignKey(
                        on_delete=django.db.models.deletion.PROTECT,
                        related_name="team_seats",
                        to="branches.person",
                    ),
                ),
                (
                    "team",
                    models.ForeignKey(
                        on_delete=django.db.models.deletion.CASCADE,
                        related_name="members",
                        to="evaluations.inspectionteam",
                    ),
                ),
            ],
            options={
                "verbose_name": "互查组成员",
                "verbose_name_plural": "互查组成员",
                "ordering": ["team", "-is_leader", "id"],
                "constraints": [
                    models.UniqueConstraint(fields=("team", "person"), name="member_once_per_team"),
                    models.UniqueConstraint(
                        condition=models.Q(("is_leader", True)),
                        fields=("team",),
                        name="one_leader_per_team",
                    ),
                ],
            },
        ),
        migrations.CreateModel(
            name="TeamSeverity",
            fields=[
                (
                    "id",
                    models.BigAutoField(
                        auto_created=True, primary_key=True, serialize=False, verbose_name="ID"
                    ),
                ),
                (
                    "severity",
                    portal.kernel.marks.MarksField(
                        decimal_places=2, max_digits=7, verbose_name="相差（分）"
                    ),
                ),
                (
                    "weight",
                    portal.kernel.marks.MarksField(
                        decimal_places=2, max_digits=7, verbose_name="折合次数"
                    ),
                ),
                (
                    "branch",
                    models.ForeignKey(
                        on_delete=django.db.models.deletion.PROTECT,
                        related_name="severities",
                        to="branches.branch",
                        verbose_name="派出支部",
                    ),
                ),
                (
                    "run",
                    models.ForeignKey(
                        on_delete=django.db.models.deletion.PROTECT,
                        related_name="severities",
                        to="evaluations.rankingrun",
                    ),
                ),
            ],
            options={
                "verbose_name": "宽严",
                "verbose_name_plural": "宽严",
                "ordering": ["run", "severity"],
                "constraints": [
                    models.UniqueConstraint(fields=("run", "branch"), name="one_severity_per_team")
                ],
            },
        ),
        migrations.CreateModel(
            name="VetoRule",
            fields=[
                (
                    "id",
                    models.BigAutoField(
                        auto_created=True, primary_key=True, serialize=False, verbose_name="ID"
                    ),
                ),
                ("code", models.CharField(max_length=4, verbose_name="编号")),
                ("text", models.CharField(max_length=120, verbose_name="情形")),
                (
                    "cap",
                    portal.kernel.marks.MarksField(
                        decimal_places=2, max_digits=7, verbose_name="总分封顶"
                    ),
                ),
                ("zeroes_item", models.BooleanField(default=False, verbose_name="涉及项目计0分")),
                ("bars_awards", models.BooleanField(default=False, verbose_name="取消当季评优")),
                ("needs_talk", models.BooleanField(default=False, verbose_name="约谈")),
                (
                    "version",
                    models.ForeignKey(
                        on_delete=django.db.models.deletion.CASCADE,
                        related_name="veto_rules",
                        to="evaluations.rubricversion",
                    ),
                ),
            ],
            options={
                "verbose_name": "否决项",
                "verbose_name_plural": "否决项",
                "ordering": ["version", "code"],
                "constraints": [
                    models.UniqueConstraint(fields=("version", "code"), name="veto_code_once")
                ],
            },
        ),
        migrations.CreateModel(
            name="VetoEvent",
            fields=[
                (
                    "id",
                    models.BigAutoField(
                        auto_created=True, primary_key=True, serialize=False, verbose_name="ID"
                    ),
                ),
                ("fact", models.CharField(max_length=500, verbose_name="事实与依据")),
                ("decided_at", models.DateTimeField(verbose_name="认定时间")),
                (
                    "decided_by",
                    models.ForeignKey(
                        on_delete=django.db.models.deletion.PROTECT,
                        related_name="+",
                        to=settings.AUTH_USER_MODEL,
                    ),
                ),
                (
                    "item",
                    models.ForeignKey(
                        blank=True,
                        help_text="弄虚作假时计0分的项目",
                        null=True,
                        on_delete=django.db.models.deletion.PROTECT,
                        related_name="+",
                        to="evaluations.rubricitem",
                    ),
                ),
                (
                    "participant",
                    models.ForeignKey(
                        on_delete=django.db.models.deletion.PROTECT,
                        related_name="vetoes",
                        to="evaluations.roundparticipant",
                    ),
                ),
                (
                    "rule",
                    models.ForeignKey(
                        on_delete=django.db.models.deletion.PROTECT,
                        related_name="+",
                        to="evaluations.vetorule",
                    ),
                ),
            ],
            options={
                "verbose_name": "否决",
                "verbose_name_plural": "否决",
                "ordering": ["participant", "id"],
                "constraints": [
                    models.UniqueConstraint(
                        fields=("participant", "rule"), name="veto_once_per_rule"
                    )
                ],
            },
        ),
        migrations.CreateModel(
            name="AppraisalInput",
            fields=[
                (
                    "id",
                    models.BigAutoField(
                        auto_created=True, primary_key=True, serialize=False, verbose_name="ID"
                    ),
                ),
                (
                    "kind",
                    models.CharField(
                        choices=[("unit", "单位业绩得分"), ("rating", "党员群众评议得分")],
                        max_length=8,
                        verbose_name="种类",
                    ),
                ),
                ("month", models.DateField(verbose_name="月份")),
                (
                    "marks",
                    portal.kernel.marks.MarksField(
                        decimal_places=2,
                        max_digits=7,
                        validators=[django.core.validators.MaxValueValidator(100)],
                        verbose_name="得分（百分制）",
                    ),
                ),
                ("entered_at", models.DateTimeField(verbose_name="录入时间")),
                (
                    "branch",
                    models.ForeignKey(
                        on_delete=django.db.models.deletion.PROTECT,
                        related_name="appraisal_inputs",
                        to="branches.branch",
                    ),
                ),
                (
                    "entered_by",
                    models.ForeignKey(
                        on_delete=django.db.models.deletion.PROTECT,
                        related_name="+",
                        to=settings.AUTH_USER_MODEL,
                    ),
                ),
                (
                    "person",
                    models.ForeignKey(
                        on_delete=django.db.models.deletion.PROTECT,
                        related_name="appraisal_inputs",
                        to="branches.person",
                    ),
                ),
            ],
            options={
                "verbose_name": "书记评价录入",
                "verbose_name_plural": "书记评价录入",
                "ordering": ["-month", "id"],
                "constraints": [
                    models.UniqueConstraint(
                        fields=("branch", "person", "kind", "month"), name="one_input_per_month"
                    ),
                    models.CheckConstraint(
                        condition=models.Q(("month__day", 1)),
                        name="input_first_of_month",
                        violation_error_message="月份须存为当月1日",
                    ),
                    models.CheckConstraint(
                        condition=models.Q(("marks__gte", 0), ("marks__lte", 100)),
                        name="input_out_of_100",
                    ),
                ],
            },
        ),
    ]
