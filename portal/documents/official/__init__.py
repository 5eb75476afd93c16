"""Official papers (公文) in the layout of GB/T 9704-2012: data in, PDF or docx out."""

from portal.documents.official import grid
from portal.documents.official.files import (
    FileForm,
    PaperUnavailable,
    paper_bytes,
    paper_response,
)
from portal.documents.official.fonts import Face, FontsMissing, fonts
from portal.documents.official.model import (
    Attachment,
    Block,
    Column,
    Entry,
    Form,
    Imprint,
    Layout,
    Paper,
    Paragraph,
    Signature,
    Table,
    Verification,
    day_words,
)
from portal.documents.official.pdf import write_pdf
from portal.documents.official.stored import digest_of, restored, stored
from portal.documents.official.text import plain_text
from portal.documents.official.word import write_docx

__all__ = [
    "Attachment",
    "Block",
    "Column",
    "Entry",
    "Face",
    "FileForm",
    "FontsMissing",
    "Form",
    "Imprint",
    "Layout",
    "Paper",
    "PaperUnavailable",
    "Paragraph",
    "Signature",
    "Table",
    "Verification",
    "day_words",
    "digest_of",
    "fonts",
    "grid",
    "paper_bytes",
    "paper_response",
    "plain_text",
    "restored",
    "stored",
    "write_docx",
    "write_pdf",
]
