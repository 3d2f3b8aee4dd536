from django.db.models import (
    BooleanField,
    ExpressionWrapper,
    F,
    OuterRef,
    Q,
    QuerySet,
    Subquery,
)
from django.db.models.functions import Now
from django.http import HttpRequest, JsonResponse
from django.views.decorators.http import require_safe

from commerce.input import path_id
from commerce.models import Product, ProductItem
from commerce.problems import Problem

_IS_OPEN = Q(sale_from__lte=Now(), sale_until__gt=Now())


def money(amount_minor: int, currency: str) -> dict[str, int | str]:
    """An amount in the currency's smallest unit."""
    return {"amountMinor": amount_minor, "currency": currency}


@require_safe
def list_products(request: HttpRequest) -> JsonResponse:
    shown = shown_products().values_list("id", "name", "currency", "lowest")
    products = [
        {
            "id": id,
            "name": name,
            "lowestPrice": None if price is None else money(price, currency),
            "onSale": price is not None,
        }
        for id, name, currency, price in shown
    ]
    return JsonResponse({"products": products})


@require_safe
def view_product(request: HttpRequest, id: str) -> JsonResponse:
    product = shown_product(path_id(id))
    items = [_as_json(item, product.currency) for item in active_items(product)]
    return JsonResponse(
        {
            "id": product.id,
            "name": product.name,
            "description": product.description,
            "items": items,
        }
    )


def shown_products() -> QuerySet[Product]:
    """Each with `lowest`: the least price of its items on sale, None without one."""
    on_sale = ProductItem.objects.filter(
        _IS_OPEN, product=OuterRef("pk"), active=True, sold__lt=F("stock")
    )
    lowest = on_sale.order_by("price_minor").values("price_minor")[:1]
    shown = Product.objects.filter(shown=True)
    return shown.annotate(lowest=Subquery(lowest)).order_by("id")


def shown_product(id: int) -> Product:
    try:
        return Product.objects.get(pk=id, shown=True)
    except Product.DoesNotExist:
        raise Problem(404, "unknown-product", f"No product {id}.") from None


def active_items(product: Product) -> QuerySet[ProductItem]:
    """Each with `is_open`: is it in its sale window?"""
    is_open = ExpressionWrapper(_IS_OPEN, output_field=BooleanField())
    items = ProductItem.objects.filter(product=product, active=True)
    return items.annotate(is_open=is_open).order_by("id")


def discount_percent(item: ProductItem) -> int:
    # A half is rounded up, which round() does not do.
    saved = item.cost_minor - item.price_minor
    return (200 * saved + item.cost_minor) // (2 * item.cost_minor)


def is_on_sale(item: ProductItem) -> bool:
    return item.is_open and item.sold < item.stock


def _as_json(item: ProductItem, currency: str) -> dict[str, object]:
    return {
        "id": item.id,
        "name": item.name,
        "cost": money(item.cost_minor, currency),
        "price": money(item.price_minor, currency),
        "discountPercent": discount_percent(item),
        "onSale": is_on_sale(item),
        "stock": item.stock,
        "sold": item.sold,
    }
