"""The same service with views and serializers of Django REST Framework, as the article's."""
