from django.apps import AppConfig


class CommerceConfig(AppConfig):
    name = "commerce"

    def ready(self) -> None:
        from commerce import article, stale  # noqa: F401

        if article.KEEPS_STATEMENTS:
            from commerce import statements  # noqa: F401
