"""What the article's Django had and a lean one does without: each is a variable, `off` by default."""

from commerce.environment import switch

# Views and serializers of Django REST Framework: commerce/rest.
HAS_REST = switch("REST_FRAMEWORK")
# A line for each request: request_log.py.
LOGS_REQUESTS = switch("REQUEST_LOG")
# Each statement is kept with its time, as Django does under DEBUG: statements.py.
KEEPS_STATEMENTS = switch("DEBUG")


def said() -> dict[str, str]:
    """Its part of `settings` of /healthz."""
    settings = {
        "REST_FRAMEWORK": HAS_REST,
        "REQUEST_LOG": LOGS_REQUESTS,
        "DEBUG": KEEPS_STATEMENTS,
    }
    return {name: "on" if is_on else "off" for name, is_on in settings.items()}
