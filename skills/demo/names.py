"""Names that sound like the place: families and given names as often as they are met, streets of towns, hamlets of the hills.

All persons are invented; the streets are real names of Đà Nẵng, in wards chosen by chance.
"""

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
_STREETS = (
    "Trần Phú", "Bạch Đằng", "Nguyễn Chí Thanh", "Ông Ích Khiêm", "Lê Duẩn", "Hoàng Diệu", "Trưng Nữ Vương", "Phan Châu Trinh",
    "Nguyễn Văn Linh", "Núi Thành", "Duy Tân", "Lê Đình Lý", "Hải Phòng", "Quang Trung", "Đống Đa", "Ông Ích Đường", "Cách Mạng Tháng Tám",
    "Ngô Quyền", "Nguyễn Công Trứ", "Phạm Cự Lượng", "An Thượng 2", "Châu Thị Vĩnh Tế", "Lê Văn Hiến", "Ngũ Hành Sơn", "Tôn Đức Thắng",
    "Âu Cơ", "Nguyễn Lương Bằng", "Hoàng Văn Thái", "Tôn Đản", "Trường Chinh", "Điện Biên Phủ", "Hà Huy Tập", "Thái Thị Bôi", "Kỳ Đồng",
    "Đinh Tiên Hoàng", "Lý Thái Tổ", "Yên Bái", "Lý Tự Trọng", "Triệu Nữ Vương", "Trần Kế Xương", "Chu Văn An", "Huỳnh Thúc Kháng",
)  # fmt: skip
_ROADS = (
    "Đường thôn",
    "Đường liên thôn",
    "Đường bờ kênh",
    "Đường Gò Chùa",
    "Đường Bàu Sen",
    "Đường Đồng Miếu",
    "Đường Cây Da",
)
_HAMLETS = (
    "Phú Hòa", "An Tân", "Đông Lâm", "Hòa Thạch", "Tân Phong", "Xuân Hòa", "Trung Sơn", "Phước Thuận", "Cẩm Toại", "Thạch Bàn",
    "Bình An", "Trà Kiệu", "Mỹ Lược", "Đại Bình", "Tiên Xuân", "A Rớt", "Zờ Lao", "Pà Xua", "Măng Lùng", "Tà Làng",
)  # fmt: skip


def full_name(chance: Random) -> str:
    """A person: family, middle, given."""
    families, weights = zip(*_FAMILIES, strict=True)
    middles, givens = chance.choice((_WOMEN, _MEN))
    return f"{chance.choices(families, weights)[0]} {chance.choice(middles)} {chance.choice(givens)}"


def streets(chance: Random, town: bool, how_many: int) -> list[str]:
    """The streets of a residential group."""
    return chance.sample(_STREETS if town else _ROADS, how_many)


def hamlets(chance: Random, how_many: int) -> list[str]:
    """The names of a commune's hamlets."""
    return [f"Thôn {name}" for name in chance.sample(_HAMLETS, how_many)]
