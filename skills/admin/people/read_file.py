"""Has a file read by a process of its own (`cells.py`) and says in a sentence why one is not read."""

import json
import signal
import subprocess
import sys
import threading
from dataclasses import dataclass
from pathlib import Path
from typing import Any

from skills.errors import Busy
from skills.forms import N_
from skills.language import gettext as _

LARGEST = 5 * 1024 * 1024  # bytes of a file
SECONDS = 20  # on the wall: on a busy machine the four of the processor take longer
WAIT = 3  # seconds for a turn, as for everything else that is waited for
_AT_ONCE = threading.BoundedSemaphore(2)  # readers, each of half a gigabyte at most
_CELLS = Path(__file__).parent / "cells.py"

Line = tuple[int, list[str]]  # the number of a row in the sheet, and its cells


@dataclass(frozen=True)
class Cells:
    """The rows that hold something. `more`: there are more than can be taken."""

    rows: list[Line]
    more: bool


class Unreadable(Exception):
    """The file is not read; `sentence` says why and how to put it right, in the current language."""

    def __init__(self, code: str) -> None:
        super().__init__(code)
        self.code = code

    @property
    def sentence(self) -> str:
        """In the current language."""
        told = _WHY.get(self.code, _WHY["damaged"])
        return _(told)


def read_file(file_name: str, data: bytes) -> Cells:
    """The cells of an XLSX or CSV file. The bytes say what it is, and the name must not say otherwise.

    Raises Unreadable, and Busy when others are being read. Nothing is stored, not even in a temporary file.
    """
    kind = _kind(file_name, data)
    if not _AT_ONCE.acquire(timeout=WAIT):
        raise Busy("locked")
    try:
        told = _run(kind, data)
    finally:
        _AT_ONCE.release()
    if "refused" in told:
        raise Unreadable(str(told["refused"]))
    return Cells([(number, cells) for number, cells in told["rows"]], told["more"])


def _kind(file_name: str, data: bytes) -> str:
    """ "xlsx" or "csv"; a file of no bytes, too many, or another kind is not read at all."""
    if not data:
        raise Unreadable("empty")
    if len(data) > LARGEST:
        raise Unreadable("large")
    ending = file_name.rpartition(".")[2].lower()
    if ending == "xlsm" or ending == "xltm":
        raise Unreadable("macros")
    if data.startswith(b"\xd0\xcf\x11\xe0"):
        raise Unreadable("locked" if ending == "xlsx" else "kind")
    kind = "xlsx" if data.startswith(b"PK") else "csv"
    if ending != kind:
        raise Unreadable("kind")
    return kind


def _run(kind: str, data: bytes) -> dict[str, Any]:
    """What the process answers. One that ran out of memory or time, or fell over, could not read the file: that is an answer too.

    It inherits no environment, so no secret, and is not told where the database is.
    """
    command = [sys.executable, "-I", "-X", "utf8", str(_CELLS), kind]
    try:
        done = subprocess.run(  # noqa: S603 - no word of the command comes from whoever sent the file
            command, input=data, capture_output=True, timeout=SECONDS, env={}, cwd="/", check=False
        )
    except subprocess.TimeoutExpired:
        return {"refused": "time"}
    if done.returncode:
        return {"refused": _ENDED.get(done.returncode, "damaged")}
    answer: dict[str, Any] = json.loads(done.stdout)
    return answer


# A process that a signal ended: by the kernel for its time, by itself or the kernel for want of memory.
_ENDED = {
    -signal.SIGXCPU: "time", -signal.SIGABRT: "memory", -signal.SIGSEGV: "memory", -signal.SIGKILL: "memory",
}  # fmt: skip

_WHY = {
    "empty": N_("Tệp không có gì. Chọn lại tệp danh sách."),
    "large": N_("Tệp lớn hơn 5 MB. Chỉ giữ lại danh sách tên, bỏ ảnh và các trang tính khác, rồi gửi lại."),
    "kind": N_("Tệp không phải XLSX hay CSV. Mở tệp, chọn Lưu thành, kiểu XLSX, rồi gửi tệp mới."),
    "no_workbook": N_("Tệp không phải XLSX hay CSV. Mở tệp, chọn Lưu thành, kiểu XLSX, rồi gửi tệp mới."),
    "locked": N_("Tệp có mật khẩu nên không đọc được. Bỏ mật khẩu, lưu lại thành XLSX rồi gửi."),
    "damaged": N_(
        "Tệp bị hỏng hoặc không phải do phần mềm bảng tính lưu. Mở tệp, lưu lại thành XLSX rồi gửi."
    ),
    "macros": N_("Tệp có macro. Lưu lại thành XLSX (không có macro) rồi gửi."),
    "inner_file": N_("Trong tệp có tệp khác đính kèm. Chép danh sách sang tệp mẫu rồi gửi."),
    "path": N_("Trong tệp có đường dẫn lạ, nên không đọc. Chép danh sách sang tệp mẫu rồi gửi."),
    "twice": N_("Trong tệp có hai phần trùng tên, nên không đọc. Chép danh sách sang tệp mẫu rồi gửi."),
    "entries": N_("Tệp có quá nhiều phần. Chép danh sách sang tệp mẫu rồi gửi."),
    "bomb": N_("Tệp nén bung ra quá lớn, nên không đọc. Chép danh sách sang tệp mẫu rồi gửi."),
    "entities": N_(
        "Tệp có khai báo XML mà bảng tính không cần, nên không đọc. Chép danh sách sang tệp mẫu rồi gửi."
    ),
    "size": N_("Bảng quá lớn: nhiều nhất 20.000 dòng và 40 cột. Chép danh sách sang tệp mẫu rồi gửi."),
    "headings": N_(
        "Không thấy dòng tiêu đề có cột Họ tên và Số điện thoại. Tải tệp mẫu, chép danh sách vào rồi gửi."
    ),
    "no_rows": N_("Dưới dòng tiêu đề không có tên nào. Điền danh sách rồi gửi lại."),
    "many": N_("Danh sách có hơn 500 tên. Chia thành nhiều tệp rồi gửi từng tệp."),
    "memory": N_("Tệp cần quá nhiều bộ nhớ để đọc. Chép danh sách sang tệp mẫu rồi gửi."),
    "time": N_("Tệp cần quá nhiều thời gian để đọc. Chép danh sách sang tệp mẫu rồi gửi."),
    "encoding": N_(
        "Tệp CSV không phải UTF-8, chữ Việt sẽ sai. Trong Excel chọn Lưu thành, kiểu CSV UTF-8 hoặc XLSX."
    ),
    "nul": N_("Tệp CSV có ký tự lạ, không phải văn bản. Lưu lại thành XLSX rồi gửi."),
    "csv": N_("Tệp CSV có dấu ngoặc kép không khép hoặc ô quá dài. Lưu lại thành XLSX rồi gửi."),
}
