"""What becomes of honest files, and what hostile ones are told."""

from __future__ import annotations

import io
import zipfile

import pytest
from PIL import Image

from portal.attachments.checking import BadFile, check, clean_name
from portal.attachments.limits import NAMED, SEALED, Profile
from tests.attachments import files


def refused(name: str, data: bytes, profile: Profile = NAMED) -> str:
    with pytest.raises(BadFile) as caught:
        check(name=name, data=data, profile=profile)
    return caught.value.message


@pytest.mark.parametrize(
    ("name", "data"),
    [
        ("现场.JPG", files.talkative_jpeg()),
        ("现场.png", files.talkative_png()),
        ("现场.webp", files.talkative_webp()),
    ],
)
@pytest.mark.parametrize("profile", [NAMED, SEALED])
def test_of_a_picture_only_the_pixels_cross_over(name: str, data: bytes, profile: Profile) -> None:
    assert files.SECRET.encode() in data
    kept = check(name=name, data=data, profile=profile)
    for trace in (files.SECRET.encode(), b"canary", b"Exif", b"2017:06:09", b"xmp", b"adobe"):
        assert trace not in kept.data
    again = Image.open(io.BytesIO(kept.data))
    assert not again.getexif()
    left = {"jfif", "jfif_version", "jfif_unit", "jfif_density", "loop", "background"}
    assert set(again.info) <= left  # how to draw it; nothing of where it comes from


def test_a_turned_photo_stands_upright() -> None:
    kept = check(name="a.jpg", data=files.talkative_jpeg(), profile=NAMED)
    assert (kept.width, kept.height) == (480, 640)
    red = Image.open(io.BytesIO(kept.data)).convert("RGB").getpixel((470, 10))
    assert isinstance(red, tuple)
    assert red[0] > 150 > red[1]


def test_a_large_photo_is_scaled_down_and_transparency_stays() -> None:
    kept = check(name="a.jpg", data=files.photo(size=(6000, 3000)), profile=NAMED)
    assert (kept.width, kept.height) == (2560, 1280)
    out = io.BytesIO()
    Image.new("RGBA", (20, 20), (1, 2, 3, 0)).save(out, "PNG")
    kept = check(name="a.png", data=out.getvalue(), profile=NAMED)
    assert Image.open(io.BytesIO(kept.data)).mode == "RGBA"


def test_a_few_bytes_that_claim_millions_of_pixels_are_not_decoded() -> None:
    assert "像素太大" in refused("a.png", files.pixel_bomb())


@pytest.mark.parametrize(
    ("name", "data", "sentence"),
    [
        ("a.exe", b"MZ\x90", "不收这种文件"),
        ("a.jpg.exe", files.photo(), "不收这种文件"),
        ("a.svg", b"<svg onload='x()'/>", "不收这种文件"),
        ("a.html", b"<script>x()</script>", "不收这种文件"),
        ("没有后缀", files.photo(), "不收这种文件"),
        ("IMG_1.HEIC", b"....ftypheic", "兼容性最佳"),
        ("旧表.xls", b"\xd0\xcf\x11\xe0", "另存为docx或xlsx"),
        ("a.jpg", b"", "空的"),
        ("a.jpg", b"<script>x()</script>", "对不上"),
        ("a.jpg", files.photo("PNG"), "对不上"),
        ("a.pdf", files.photo(), "对不上"),
        ("a.docx", files.pdf(), "对不上"),
        ("a.txt", files.photo(), "对不上"),
        ("a.jpg", files.photo()[:400], "打不开"),
        ("a.jpg", b"\xff\xd8\xff" + b"<script>" * 50, "打不开"),
        ("a.txt", b"MZ\x00\x01\x02", "不是文字文件"),
        ("a.pdf", b"%PDF-1.7\nnothing", "打不开"),
    ],
)
def test_a_file_that_is_not_what_it_says_gets_a_sentence(
    name: str, data: bytes, sentence: str
) -> None:
    assert sentence in refused(name, data)


def test_too_large_is_said_before_anything_is_opened() -> None:
    assert "超过15MB" in refused("a.jpg", b"\xff\xd8\xff" + bytes(NAMED.max_bytes))


def test_an_office_file_loses_its_authors_and_keeps_its_content() -> None:
    for extension in ("docx", "xlsx"):
        kept = check(name=f"a.{extension}", data=files.office(extension), profile=NAMED)
        with zipfile.ZipFile(io.BytesIO(kept.data)) as archive:
            everything = b"".join(archive.read(name) for name in archive.namelist())
            assert {entry.date_time[0] for entry in archive.infolist()} == {1980}
        assert files.SECRET.encode() not in everything
        assert "纱手套领用表".encode() in everything


@pytest.mark.parametrize(
    ("data", "sentence"),
    [
        (files.office("xlsx", xl__worksheets__sheet1=bytes(90 << 20)), "展开后过大"),
        (files.office("xlsx", **{f"xl__{n}": b"x" for n in range(2001)}), "展开后过大"),
        (files.office("xlsx", xl__vbaProject=b""), ""),
        (files.office("docx"), "对不上"),
        (files.office("xlsx", **{"..__evil": b"x"}), "内部结构"),
        (files.office("xlsx", xl__embeddings__oleObject1=b"MZ"), "嵌入的对象"),
        (files.office("xlsx", xl__externalLinks__externalLink1=b"x"), "外部链接"),
        (files.office("xlsx")[:300], "打不开"),
    ],
)
def test_an_archive_is_looked_at_before_it_is_opened(data: bytes, sentence: str) -> None:
    if not sentence:
        check(name="a.xlsx", data=data, profile=NAMED)  # only the real name of a macro counts
        return
    assert sentence in refused("a.xlsx", data)


def test_macros_are_refused() -> None:
    data = io.BytesIO(files.office("xlsx"))
    with zipfile.ZipFile(data, "a") as archive:
        archive.writestr("xl/vbaProject.bin", b"macro")
    assert "宏" in refused("a.xlsx", data.getvalue())


def test_an_archive_that_lies_about_its_size_is_stopped_while_it_unpacks() -> None:
    assert refused("a.xlsx", files.lying_archive()) in {
        "这个文件展开后过大，不像普通的办公文件。",
        "这个文件打不开，可能已损坏。",
    }


def test_entries_that_overlap_are_refused() -> None:
    """One block listed many times: each entry looks innocent, together they are a bomb."""
    data = io.BytesIO(files.office("xlsx", xl__worksheets__sheet1=bytes(1 << 20)))
    with zipfile.ZipFile(data, "a") as archive:
        block = archive.getinfo("xl/worksheets/sheet1")
        for number in range(400):
            twin = zipfile.ZipInfo(f"xl/worksheets/copy{number}.xml")
            for name in ("header_offset", "compress_size", "file_size", "CRC", "compress_type"):
                setattr(twin, name, getattr(block, name))
            archive.filelist.append(twin)
            archive.NameToInfo[twin.filename] = twin
        archive._didModify = True  # type: ignore[attr-defined]
    assert "展开后过大" in refused("a.xlsx", data.getvalue())


def test_a_named_pdf_is_kept_as_it_is_and_counted() -> None:
    data = files.pdf(3)
    kept = check(name="说明.pdf", data=data, profile=NAMED)
    assert (kept.data, kept.pages, kept.name) == (data, 3, "说明.pdf")


@pytest.mark.parametrize(
    "active",
    [
        b"/OpenAction << /S /JavaScript /JS (app.alert\\(1\\)) >>",
        b"/OpenAction << /S /J#61vaScript >>",
        b"/Names << /EmbeddedFiles 5 0 R /EmbeddedFile 5 0 R >>",
        b"/OpenAction << /S /Launch >>",
    ],
)
def test_a_pdf_that_does_something_is_refused(active: bytes) -> None:
    assert "脚本、表单或附件" in refused("a.pdf", files.pdf(body=active))


def test_a_sealed_pdf_becomes_pictures_of_its_pages() -> None:
    kept = check(name=f"{files.SECRET}.pdf", data=files.pdf(2), profile=SEALED)
    assert kept.pages == 2
    assert kept.name == ""
    for trace in (b"canary", b"gloves", b"Author", b"2026", b"Producer", b"/Font"):
        assert trace not in kept.data
    assert kept.data.count(b"/DCTDecode") == 2


def test_a_sealed_pdf_has_at_most_ten_pages_and_office_files_are_explained() -> None:
    assert "最多10页" in refused("a.pdf", files.pdf(11), SEALED)
    assert "作者姓名" in refused("a.docx", files.office(), SEALED)


def test_texts_become_utf8_whatever_notepad_wrote() -> None:
    for encoding in ("utf-8", "utf-8-sig", "gb18030"):
        data = "手套不够用\r\n每月两副".encode(encoding)
        kept = check(name="a.txt", data=data, profile=SEALED)
        assert kept.data.decode() == "手套不够用\n每月两副"


@pytest.mark.parametrize(
    ("name", "shown"),
    [
        ("C:\\Users\\lin\\照片 1.jpg", "照片 1.jpg"),
        ("../../etc/passwd.txt", "passwd.txt"),
        ("a\u202egpj.exe.jpg", "agpj.exe.jpg"),
        ('x";filename="y.jpg', "xfilename=y.jpg"),
        ("长" * 200 + ".pdf", "长" * 76 + ".pdf"),
        ("a\r\nSet-Cookie: x.jpg", "aSet-Cookie: x.jpg"),
    ],
)
def test_a_name_is_only_a_name(name: str, shown: str) -> None:
    assert clean_name(name) == shown
