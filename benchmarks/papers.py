"""How long does a month's paper take, and how much memory?

    .venv/bin/python benchmarks/papers.py
    .venv/bin/python benchmarks/papers.py --notices 1000

Sets each notice (one to five problems) in both layouts as PDF and as docx, as the worker that
makes a month's zip does, twice over. Printed: seconds per notice for its four files, peak
memory, whether the second time gave the same bytes. Wanted: under 0.3 s a notice, under 400 MB,
the same bytes.
"""

from __future__ import annotations

import argparse
import datetime as dt
import hashlib
import os
import resource
import sys
import time
from pathlib import Path

ROOT = Path(__file__).resolve().parent.parent
sys.path.insert(0, str(ROOT))
os.environ.setdefault("PORTAL_ENV", "test")
os.environ.setdefault("DJANGO_SETTINGS_MODULE", "portal.settings")

import django  # noqa: E402

django.setup()

from portal.documents.official import (  # noqa: E402
    Attachment,
    Column,
    FileForm,
    Imprint,
    Layout,
    Paper,
    Paragraph,
    Signature,
    Table,
    Verification,
    paper_bytes,
)

DAY = dt.date(2017, 7, 5)
ISSUER = "中共国网泉州供电公司委员会"
FACT = "6月固定日为9日，当月无活动记录，也未说明改期原因，党员询问时支部答复不一。"


def notice(number: int, layout: Layout) -> Paper:
    problems = 1 + number % 5
    columns = (Column("序号", 0.6), Column("考评项", 1.6, "left"), Column("事实", 3.4, "left"))
    rows = tuple((str(n), f"B{n} 主题党日", FACT) for n in range(1, problems + 1))
    return Paper(
        layout=layout,
        mark=f"{ISSUER}文件" if layout is Layout.RED_HEAD else ISSUER,
        number=f"泉电党整〔2017〕{number}号",
        title=("关于", f"第{number}党支部", "限期整改", "有关问题的", "通知"),
        addressees=(f"第{number}党支部",),
        blocks=tuple(
            Paragraph(FACT, f"第{n}项、主题党日（考评项B{n}★）。", 1) for n in range(problems)
        ),
        attachments=(Attachment(("问题清单",), (Table(columns, rows),)),),
        signature=Signature(ISSUER, DAY),
        imprint=Imprint(("党委委员",), "党群部", DAY) if layout is Layout.RED_HEAD else None,
        verification=Verification(f"https://portal.example/verify/{number:016d}/", "0" * 64),
        duplex=layout is Layout.RED_HEAD,
    )


def once(count: int) -> tuple[float, str]:
    digest = hashlib.sha256()
    started = time.perf_counter()
    for number in range(1, count + 1):
        for layout in (Layout.LETTER, Layout.RED_HEAD):
            paper = notice(number, layout)
            for form in (FileForm.PDF, FileForm.DOCX):
                digest.update(paper_bytes(paper, form))
    return time.perf_counter() - started, digest.hexdigest()


def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__.splitlines()[0])
    parser.add_argument("--notices", type=int, default=256)
    count = parser.parse_args().notices
    paper_bytes(notice(1, Layout.LETTER), FileForm.PDF)  # fonts are read once per process
    first, one = once(count)
    peak = resource.getrusage(resource.RUSAGE_SELF).ru_maxrss / 1024
    second, other = once(count)
    print(f"{count} notices, four files each: {first / count:.3f} s, again {second / count:.3f} s")
    print(f"peak memory {peak:.0f} MB, {'the same bytes' if one == other else 'OTHER BYTES'}")


if __name__ == "__main__":
    main()
