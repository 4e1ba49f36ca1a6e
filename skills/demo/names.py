"""Names that sound like the place: families and given names as often as they are met, streets of towns, hamlets of the hills.

All persons are invented. The streets of each town ward are its own.
"""

from collections.abc import Iterator
from itertools import count
from random import Random

_FAMILIES = (
    ("Nguyễn", 38), ("Trần", 12), ("Lê", 10), ("Phạm", 7), ("Huỳnh", 6), ("Võ", 5), ("Phan", 5), ("Đặng", 4), ("Bùi", 3),
    ("Đỗ", 3), ("Hồ", 3), ("Ngô", 2), ("Dương", 2), ("Trương", 3), ("Đoàn", 2), ("Mai", 1), ("Tạ", 1), ("Ông", 1),
)  # fmt: skip
_WOMEN = (
    ("Thị", "Thị", "Thị Thu", "Thị Kim", "Thị Ngọc", "Thị Bích", "Thị Thanh", "Thị Mỹ"),
    ("Hoa", "Lan", "Hương", "Thủy", "Hạnh", "Nga", "Phượng", "Vân", "Yến", "Liên", "Sương", "Tuyết", "Diễm", "Ngân", "Thảo", "Trang"),
)  # fmt: skip
_MEN = (
    ("Văn", "Văn", "Đức", "Hữu", "Quốc", "Minh", "Ngọc", "Công", "Thanh", "Xuân"),
    ("Hùng", "Dũng", "Sơn", "Tuấn", "Phúc", "Bình", "Thành", "Long", "Tài", "Khoa", "Nam", "Hải", "Lộc", "Tiến", "Vinh", "Bảo"),
)  # fmt: skip
_STREETS = {  # real ones, by ward; Hoàng Diệu is left to Tổ 12
    "Hải Vân": ("Nguyễn Văn Cừ", "Lạc Long Quân", "Xuân Thiều", "Nguyễn Phước Chu", "ĐT 601"),
    "Liên Chiểu": ("Nguyễn Lương Bằng", "Nguyễn Tất Thành", "Hồng Thái", "Phan Văn Định", "Đàm Quang Trung"),
    "Hòa Khánh": ("Tôn Đức Thắng", "Âu Cơ", "Ngô Thì Nhậm", "Nguyễn Khuyến", "Phạm Như Xương", "Mẹ Suốt"),
    "Thanh Khê": ("Điện Biên Phủ", "Trần Cao Vân", "Dũng Sĩ Thanh Khê", "Thái Thị Bôi", "Hàm Nghi", "Lê Duẩn"),
    "Hải Châu": ("Trần Phú", "Bạch Đằng", "Đống Đa", "Lê Lợi", "Nguyễn Chí Thanh", "Hải Phòng", "Phan Châu Trinh", "Quang Trung"),
    "Hòa Cường": ("2 Tháng 9", "Núi Thành", "Lê Thanh Nghị", "Tiểu La", "Phan Đăng Lưu", "Nguyễn Hữu Thọ", "Châu Thị Vĩnh Tế"),
    "Cẩm Lệ": ("Ông Ích Đường", "Cách Mạng Tháng 8", "Trường Chinh", "Lê Đại Hành", "Phạm Hùng"),
    "Sơn Trà": ("Yết Kiêu", "Lý Tử Tấn", "Lê Văn Thứ", "Nguyễn Phan Vinh", "Trần Quang Khải", "Hoàng Sa"),
    "An Hải": ("Ngô Quyền", "Nguyễn Công Trứ", "Phạm Văn Đồng", "Trần Hưng Đạo", "Dương Đình Nghệ", "Nguyễn Văn Thoại"),
    "Ngũ Hành Sơn": ("Lê Văn Hiến", "Mai Đăng Chơn", "Huyền Trân Công Chúa", "Non Nước", "Châu Thị Vĩnh Tế"),
    "An Khê": ("Hà Huy Tập", "Trường Chinh", "Nguyễn Phước Nguyên", "Nguyễn Đình Tựu", "Tôn Đản"),
    "Hòa Xuân": ("Võ Chí Công", "Trần Nam Trung", "Văn Tiến Dũng", "Nguyễn Phước Lan", "Thăng Long"),
    "Bàn Thạch": ("Phan Bội Châu", "Bạch Đằng", "Hùng Vương", "Trần Quý Cáp", "Lê Thánh Tông"),
    "Tam Kỳ": ("Phan Châu Trinh", "Huỳnh Thúc Kháng", "Trần Cao Vân", "Nguyễn Hoàng", "Trưng Nữ Vương"),
    "Hương Trà": ("Tôn Đức Thắng", "Trần Phú", "Nguyễn Thái Học", "Điện Biên Phủ"),
    "Quảng Phú": ("Lê Thánh Tông", "Thanh Hóa", "Nguyễn Văn Trỗi", "Tam Thanh"),
    "Hội An Tây": ("Hùng Vương", "Nguyễn Tất Thành", "Tôn Đức Thắng", "Duy Tân"),
    "Hội An": ("Trần Phú", "Nguyễn Thái Học", "Phan Châu Trinh", "Lê Lợi", "Hoàng Diệu", "Trần Hưng Đạo"),
    "Hội An Đông": ("Cửa Đại", "Lạc Long Quân", "Âu Cơ", "Nguyễn Duy Hiệu"),
    "Điện Bàn": ("Trần Nhân Tông", "Phan Thúc Duyện", "Mẹ Thứ", "Hoàng Diệu", "Cao Thắng"),
    "Điện Bàn Bắc": ("Trần Thủ Độ", "Lý Thái Tổ", "Dũng Sĩ Điện Ngọc", "ĐT 605"),
    "An Thắng": ("Nguyễn Văn Trỗi", "Trần Thủ Độ", "Phong Thử", "ĐT 608"),
    "Điện Bàn Đông": ("Lạc Long Quân", "Võ Nguyên Giáp", "Trần Đại Nghĩa", "ĐT 607"),
}  # fmt: skip
_ROADS = (
    "Đường thôn", "Đường liên thôn", "Đường bờ kênh", "Đường Gò Chùa", "Đường Bàu Sen", "Đường Đồng Miếu", "Đường Cây Da",
)  # fmt: skip
_HAMLETS = (
    "Phú Hòa", "An Tân", "Đông Lâm", "Hòa Thạch", "Tân Phong", "Xuân Hòa", "Trung Sơn", "Phước Thuận", "Cẩm Toại", "Thạch Bàn",
    "Bình An", "Trà Kiệu", "Mỹ Lược", "Đại Bình", "Tiên Xuân", "A Rớt", "Zờ Lao", "Pà Xua", "Măng Lùng", "Tà Làng",
)  # fmt: skip


def full_name(chance: Random) -> str:
    """A person: family, middle, given."""
    families, weights = zip(*_FAMILIES, strict=True)
    middles, givens = chance.choice((_WOMEN, _MEN))
    return f"{chance.choices(families, weights)[0]} {chance.choice(middles)} {chance.choice(givens)}"


def streets(ward: str) -> tuple[str, ...]:
    """The streets of a ward in town; elsewhere roads that are called by what lies beside them."""
    return _STREETS.get(ward, _ROADS)


def hamlets(chance: Random) -> Iterator[str]:
    """The names of a commune's hamlets, without end: when all were used, they are numbered as such hamlets are."""
    names = chance.sample(_HAMLETS, len(_HAMLETS))
    yield from (f"Thôn {name}" for name in names)
    for number in count(2):
        yield from (f"Thôn {name} {number}" for name in names)
