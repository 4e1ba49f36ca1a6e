"""Which language a request is answered in: what was chosen on this phone, else what its browser asks for, else Vietnamese."""

from fastapi import APIRouter, Request, Response
from starlette.datastructures import MutableHeaders
from starlette.types import ASGIApp, Message, Receive, Scope, Send

from skills.language import LANGUAGES, Language, speaking
from skills.web.answers import own_path, see_other
from skills.web.forms import Fields
from skills.web.gate import Anyone

router = APIRouter()

COOKIE = "language"
YEAR = 365 * 24 * 60 * 60  # seconds


@router.post("/language")
def choose_language(request: Request, viewer: Anyone, fields: Fields) -> Response:  # noqa: ARG001
    """Keeps the language on this phone, signed in or not, and goes back to the page it was chosen on."""
    answer = see_other(request, own_path(fields.get("next", [""])[-1]))
    language = known(fields.get("language", [""])[-1])
    if language:
        secure = request.app.state.settings.https
        answer.set_cookie(COOKIE, language, max_age=YEAR, secure=secure, httponly=True, samesite="lax")
    return answer


class Languages:
    """Makes everything below speak one language, and says on every page which."""

    def __init__(self, app: ASGIApp) -> None:
        self.app = app

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        """The ASGI interface."""
        if scope["type"] != "http":
            await self.app(scope, receive, send)
            return
        language = choose(Request(scope))

        async def say_so(message: Message) -> None:
            if message["type"] == "http.response.start":
                headers = MutableHeaders(scope=message)
                if headers.get("content-type", "").startswith("text/html"):
                    headers.setdefault("content-language", language)
                    headers.add_vary_header("Accept-Language")
                    headers.add_vary_header("Cookie")
            await send(message)

        with speaking(language):
            await self.app(scope, receive, say_so)


def choose(request: Request) -> Language:
    """The language out of the cookie, or the first known one of Accept-Language by weight, or Vietnamese."""
    chosen = known(request.cookies.get(COOKIE, ""))
    if chosen:
        return chosen
    offers = [_offer(part) for part in request.headers.get("accept-language", "")[:400].split(",")]
    for weight, tag in sorted(offers, key=lambda offer: -offer[0]):
        language = known(tag.partition("-")[0])
        if language and weight > 0:
            return language
    return "vi"


def known(text: str) -> Language | None:
    """The language of that code, when the program speaks it."""
    return next((language for language in LANGUAGES if language == text.lower()), None)


def _offer(part: str) -> tuple[float, str]:
    """ "en;q=0.8" as (0.8, "en")."""
    tag, _, weight = part.partition(";q=")
    try:
        return (float(weight) if weight else 1.0), tag.strip()
    except ValueError:
        return 0.0, tag.strip()
