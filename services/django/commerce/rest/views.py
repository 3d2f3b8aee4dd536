"""Views of Django REST Framework over the same statements."""

from typing import Any

from rest_framework.negotiation import DefaultContentNegotiation
from rest_framework.renderers import BaseRenderer
from rest_framework.request import Request
from rest_framework.response import Response
from rest_framework.views import APIView

from commerce import models
from commerce.catalog import active_items, shown_product, shown_products
from commerce.input import path_id
from commerce.orders import order_of, pieces_of
from commerce.placing import place
from commerce.problems import malformed_json
from commerce.rest import serializers
from commerce.tokens import signed_in, token_for


class JsonAlone(DefaultContentNegotiation):
    """The contract has one kind of answer, whatever a client accepts."""

    def select_renderer(
        self,
        request: Request,
        renderers: list[BaseRenderer],
        format_suffix: str | None = None,
    ) -> tuple[BaseRenderer, str]:
        return renderers[0], renderers[0].media_type


class JsonView(APIView):
    content_negotiation_class = JsonAlone


class Products(JsonView):
    http_method_names = ("get", "head")

    def get(self, request: Request) -> Response:
        products = serializers.ShownProduct(shown_products(), many=True)
        return Response({"products": products.data})


class Product(JsonView):
    http_method_names = ("get", "head")

    def get(self, request: Request, id: str) -> Response:
        product = shown_product(path_id(id))
        product.active_items = active_items(product)
        return Response(serializers.Product(product, context=_money_of(product)).data)


class Orders(JsonView):
    http_method_names = ("post",)

    def post(self, request: Request) -> Response:
        user_id = signed_in(request)
        new = serializers.NewOrder(data=_json_object(request))
        new.is_valid(raise_exception=True)
        order, pieces = place(user_id, new.order())
        order.pieces = pieces
        shown = serializers.Order(order, context=_money_of(order.product))
        headers = {"Location": f"/orders/{order.number}"}
        return Response(shown.data, status=201, headers=headers)


class Order(JsonView):
    http_method_names = ("get", "head")

    def get(self, request: Request, number: str) -> Response:
        order = order_of(signed_in(request), number)
        order.pieces = list(pieces_of(order))
        shown = serializers.Order(order, context=_money_of(order.product))
        return Response(shown.data)


class SignIn(JsonView):
    http_method_names = ("post",)

    def post(self, request: Request) -> Response:
        credentials = serializers.Credentials(data=_json_object(request))
        credentials.is_valid(raise_exception=True)
        return Response({"token": token_for(**credentials.validated_data)})


def _json_object(request: Request) -> dict[str, Any]:
    if not isinstance(request.data, dict):
        raise malformed_json()
    return request.data


def _money_of(product: models.Product) -> dict[str, str]:
    """What a serializer has to know to show an amount."""
    return {"currency": product.currency}
