"""The journey in Django as its tutorial would write it: no contract beyond the four requests.

What services/django does besides (bounds, problem documents, faults of the database) is absent, so that
its price can be distinguished from the framework's. Run by gunicorn with threads, as that service is;
`persistent`, the one kept mode that Django 4.2 has of its own.
"""

import json
import os
from collections.abc import Iterable
from urllib.parse import unquote, urlsplit

import django
import jwt
from django.conf import settings
from django.core.wsgi import get_wsgi_application
from django.db import models, transaction
from django.db.models import F, OuterRef, Q, Subquery
from django.db.models.functions import Now
from django.http import HttpRequest, JsonResponse
from django.shortcuts import get_object_or_404
from django.urls import path

database = urlsplit(os.environ["MINIMAL_URL"])
settings.configure(
    ALLOWED_HOSTS=["*"],
    ROOT_URLCONF=__name__,
    USE_TZ=True,
    APPEND_SLASH=False,
    MIDDLEWARE=["django.middleware.common.CommonMiddleware"],
    DATABASES={
        "default": {
            "ENGINE": "django.db.backends.postgresql",
            "HOST": database.hostname,
            "PORT": database.port,
            "USER": database.username,
            "PASSWORD": unquote(database.password or ""),
            "NAME": database.path[1:],
            "CONN_MAX_AGE": 60,
            "OPTIONS": {"sslmode": "disable"},
        }
    },
)
django.setup()


class User(models.Model):
    id = models.BigAutoField(primary_key=True)

    class Meta:
        app_label = "minimal"
        managed = False
        db_table = "users"


class Product(models.Model):
    id = models.BigAutoField(primary_key=True)
    name = models.TextField()
    description = models.TextField()
    currency = models.TextField()
    shown = models.BooleanField()

    class Meta:
        app_label = "minimal"
        managed = False
        db_table = "products"


class Item(models.Model):
    id = models.BigAutoField(primary_key=True)
    product = models.ForeignKey(Product, models.DO_NOTHING)
    name = models.TextField()
    cost_minor = models.IntegerField()
    price_minor = models.IntegerField()
    active = models.BooleanField()
    sale_from = models.DateTimeField()
    sale_until = models.DateTimeField()
    stock = models.IntegerField()
    sold = models.IntegerField()

    class Meta:
        app_label = "minimal"
        managed = False
        db_table = "product_items"


class Order(models.Model):
    id = models.BigAutoField(primary_key=True)
    number = models.TextField(unique=True)
    user = models.ForeignKey(User, models.DO_NOTHING)
    product = models.ForeignKey(Product, models.DO_NOTHING)
    status = models.TextField()
    created_at = models.DateTimeField(auto_now_add=True)
    updated_at = models.DateTimeField(auto_now=True)

    class Meta:
        app_label = "minimal"
        managed = False
        db_table = "orders"


class Piece(models.Model):
    id = models.BigAutoField(primary_key=True)
    order = models.ForeignKey(Order, models.DO_NOTHING)
    product_item = models.ForeignKey(Item, models.DO_NOTHING)
    price_minor = models.IntegerField()

    class Meta:
        app_label = "minimal"
        managed = False
        db_table = "order_items"


IS_OPEN = Q(active=True, sale_from__lte=Now(), sale_until__gt=Now())


def money(amount: int, currency: str) -> dict[str, int | str]:
    return {"amountMinor": amount, "currency": currency}


def user_of(request: HttpRequest) -> int:
    token = request.headers["Authorization"].removeprefix("Bearer ")
    return int(jwt.decode(token, os.environ["TOKEN_SECRET"], ["HS256"])["sub"])


def item_of(item: Item, open_ids: set[int], currency: str) -> dict[str, object]:
    saved = item.cost_minor - item.price_minor
    return {
        "id": item.id,
        "name": item.name,
        "cost": money(item.cost_minor, currency),
        "price": money(item.price_minor, currency),
        "discountPercent": (200 * saved + item.cost_minor) // (2 * item.cost_minor),
        "onSale": item.id in open_ids and item.sold < item.stock,
        "stock": item.stock,
        "sold": item.sold,
    }


def order_of(order: Order, pieces: Iterable[Piece]) -> dict[str, object]:
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


def list_products(_: HttpRequest) -> JsonResponse:
    on_sale = Item.objects.filter(IS_OPEN, product=OuterRef("pk"), sold__lt=F("stock"))
    lowest = Subquery(on_sale.order_by("price_minor").values("price_minor")[:1])
    shown = Product.objects.filter(shown=True).order_by("id").annotate(lowest=lowest)
    products = [
        {
            "id": product.id,
            "name": product.name,
            "lowestPrice": product.lowest and money(product.lowest, product.currency),
            "onSale": product.lowest is not None,
        }
        for product in shown
    ]
    return JsonResponse({"products": products})


def view_product(_: HttpRequest, id: int) -> JsonResponse:
    product = get_object_or_404(Product, pk=id, shown=True)
    is_open = models.ExpressionWrapper(IS_OPEN, output_field=models.BooleanField())
    items = list(
        Item.objects.filter(product=product, active=True)
        .annotate(is_open=is_open)
        .order_by("id")
    )
    open_ids = {item.id for item in items if item.is_open}
    return JsonResponse(
        {
            "id": product.id,
            "name": product.name,
            "description": product.description,
            "items": [item_of(item, open_ids, product.currency) for item in items],
        }
    )


def place_order(request: HttpRequest) -> JsonResponse:
    user_id = user_of(request)
    new = json.loads(request.body)
    with transaction.atomic():
        if Order.objects.filter(number=new["number"]).exists():
            return JsonResponse({}, status=409)
        product = get_object_or_404(Product, pk=new["productId"], shown=True)
        user = get_object_or_404(User, pk=user_id)
        order = Order.objects.create(
            number=new["number"], user=user, product=product, status="pending"
        )
        Product.objects.select_for_update(no_key=True).get(pk=product.pk)
        offered = {item.id: item for item in Item.objects.filter(IS_OPEN, product=product)}
        pieces = []
        for ordered in new["items"]:
            item = offered.get(ordered["id"])
            if item is None or item.stock - item.sold < ordered["quantity"]:
                transaction.set_rollback(True)
                return JsonResponse({}, status=409)
            items = Item.objects.filter(pk=item.pk)
            items.update(sold=F("sold") + ordered["quantity"])
            pieces += [
                Piece(order=order, product_item=item, price_minor=item.price_minor)
                for _ in range(ordered["quantity"])
            ]
        Piece.objects.bulk_create(pieces)
        order.status = "completed"
        order.save(update_fields=["status", "updated_at"])
    return JsonResponse(order_of(order, pieces), status=201)


def view_order(request: HttpRequest, number: str) -> JsonResponse:
    own = Order.objects.select_related("product")
    order = get_object_or_404(own, number=number, user=user_of(request))
    pieces = Piece.objects.select_related("product_item").filter(order=order)
    return JsonResponse(order_of(order, pieces.order_by("id")))


urlpatterns = [
    path("products", list_products),
    path("products/<int:id>", view_product),
    path("orders", place_order),
    path("orders/<str:number>", view_order),
]
application = get_wsgi_application()
