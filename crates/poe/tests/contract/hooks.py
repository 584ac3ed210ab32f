"""What a generator of requests cannot know: the live feed has no end, and nobody saws off their own branch."""

import os

import schemathesis

OURS = os.environ["POE_TOKEN_ID"]


@schemathesis.hook
def before_call(context, case, kwargs):
    """Lets the live feed end soon, and leaves the token alone by which everything is asked."""
    if case.path == "/api/v1/live":
        case.query = {**(case.query or {}), "for_s": 1}
    if case.path.startswith("/api/v1/tokens/{") and case.path_parameters.get("id") == OURS:
        case.path_parameters["id"] = "00000000"


@schemathesis.serializer("application/toml", "image/svg+xml", "image/png", "image/jpeg", "image/webp")
def as_it_is(context, value):
    """Texts and pictures are sent as they are."""
    return value if isinstance(value, bytes) else str(value).encode()
