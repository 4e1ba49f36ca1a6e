"""The program as it is, but for one fault: told so, its process dies between COMMIT and the answer to a visit."""

import os
from typing import Any

from skills.app import create_app

inner = create_app()


async def app(scope: Any, receive: Any, send: Any) -> None:
    """The ASGI interface. An answer begins only after the transaction was committed, so that is the moment to die."""

    async def die(message: Any) -> None:
        if (
            message["type"] == "http.response.start"
            and scope["method"] == "POST"
            and scope["path"] == "/visits"
        ):
            os._exit(137)
        await send(message)

    await inner(
        scope, receive, die if os.environ.get("DIE_BEFORE_THE_ANSWER") and scope["type"] == "http" else send
    )
