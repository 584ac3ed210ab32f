"""What a generator of requests cannot know: the live feed has no end, and nobody saws off their own branch."""

import os

import schemathesis

OURS = os.environ["POE_TOKEN_ID"]


def has_end(query):
    """Whether the feed ends soon, or is refused: what is no number, and what is beyond the limit."""
    span = query.get("for_s")
    if isinstance(span, list):
        span = span[0] if len(span) == 1 else None
    try:
        return not 1 < int(span) <= 86_400
    except (TypeError, ValueError):
        return bool(span)


@schemathesis.hook
def before_call(context, case, kwargs):
    """Lets the live feed end soon, and leaves the token alone by which everything is asked."""
    if case.path == "/api/v1/live":
        query = case.query or {}
        if not has_end(query):
            case.query = {**query, "for_s": 1}
    if case.path.startswith("/api/v1/tokens/{") and case.path_parameters.get("id") == OURS:
        case.path_parameters["id"] = "00000000"


@schemathesis.serializer("application/toml", "text/csv", "application/octet-stream", "image/svg+xml", "image/png", "image/jpeg", "image/webp")
def as_it_is(context, value):
    """Texts and pictures are sent as they are."""
    return value if isinstance(value, bytes) else str(value).encode()
