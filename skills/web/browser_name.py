"""How a browser is called in a list, so that its owner recognises it: "Chrome · Android". Everything else it says is left out."""

from fastapi import Request

_BROWSERS = (  # a mark of the User-Agent, the most particular first: nearly all say Chrome and Safari as well
    ("Zalo", "Zalo"), ("FBAN", "Facebook"), ("FBAV", "Facebook"), ("Edg", "Edge"), ("OPR", "Opera"), ("coc_coc", "Cốc Cốc"),
    ("SamsungBrowser", "Samsung"), ("Firefox", "Firefox"), ("FxiOS", "Firefox"), ("Chrome", "Chrome"), ("CriOS", "Chrome"),
    ("Safari", "Safari"),
)  # fmt: skip
_SYSTEMS = (
    ("Android", "Android"), ("iPhone", "iPhone"), ("iPad", "iPad"), ("Windows", "Windows"), ("Mac OS", "macOS"),
    ("Linux", "Linux"),
)  # fmt: skip


def browser_name(request: Request) -> str:
    """Browser and system, as far as the User-Agent names one we know; "" when it names neither."""
    told = request.headers.get("user-agent", "")[:400]
    found = (next((name for mark, name in known if mark in told), "") for known in (_BROWSERS, _SYSTEMS))
    return " · ".join(name for name in found if name)
