import re
from collections.abc import Iterable

from django.db.models import QuerySet
from django.http import HttpRequest, JsonResponse
from django.views.decorators.http import require_POST, require_safe

from commerce.catalog import money
from commerce.input import NUMBER, new_order
from commerce.models import Order, OrderItem
from commerce.placing import place
from commerce.problems import Problem
from commerce.tokens import signed_in


@require_POST
def place_order(request: HttpRequest) -> JsonResponse:
    user_id = signed_in(request)
    order, pieces = place(user_id, new_order(request))
    headers = {"Location": f"/orders/{order.number}"}
    return JsonResponse(_as_json(order, pieces), status=201, headers=headers)


@require_safe
def view_order(request: HttpRequest, number: str) -> JsonResponse:
    order = order_of(signed_in(request), number)
    return JsonResponse(_as_json(order, pieces_of(order)))


def order_of(user_id: int, number: str) -> Order:
    """The user's own, with its product."""
    order = None
    if re.fullmatch(NUMBER, number):
        own = Order.objects.select_related("product", "user")
        order = own.filter(number=number, user=user_id).first()
    if order is None:
        raise Problem(404, "unknown-order", "You have no such order.")
    return order


def pieces_of(order: Order) -> QuerySet[OrderItem]:
    """Each with its item."""
    pieces = OrderItem.objects.select_related("product_item").filter(order=order)
    return pieces.order_by("id")


def _as_json(order: Order, pieces: Iterable[OrderItem]) -> dict[str, object]:
    currency = order.product.currency
    shown = [
        {
            "id": piece.id,
            "itemId": piece.product_item_id,
            "name": piece.product_item.name,
            "price": money(piece.price_minor, currency),
        }
        for piece in pieces
    ]
    return {
        "number": order.number,
        "status": order.status,
        "productId": order.product_id,
        "pieces": shown,
        "total": money(sum(piece.price_minor for piece in pieces), currency),
        "createdAt": order.created_at,
    }
