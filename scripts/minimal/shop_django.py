"""The journey in Django as its tutorial would write it: no contract beyond the four requests.

What services/django does besides (bounds, problem documents, idempotency, faults of the
database) is absent, so that its price can be distinguished from the framework's. Run by gunicorn with
threads, as that service is; `persistent`, the one kept mode that Django 4.2 has of its own.
"""

import json
import os
from urllib.parse import unquote, urlsplit

import django
from django.conf import settings
from django.core.wsgi import get_wsgi_application
from django.db import models, transaction
from django.db.models import F
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


class Product(models.Model):
    id = models.BigAutoField(primary_key=True)
    name = models.TextField()
    description = models.TextField()
    price_minor = models.IntegerField()
    currency = models.TextField()
    stock = models.IntegerField()
    sold = models.IntegerField(default=0)

    class Meta:
        app_label = "minimal"
        managed = False
        db_table = "products"


class Order(models.Model):
    id = models.BigAutoField(primary_key=True)
    product = models.ForeignKey(Product, models.DO_NOTHING)
    quantity = models.IntegerField()
    unit_price_minor = models.IntegerField()
    currency = models.TextField()
    idempotency_key = models.TextField(null=True)
    created_at = models.DateTimeField(auto_now_add=True)

    class Meta:
        app_label = "minimal"
        managed = False
        db_table = "orders"


def product_of(row: Product) -> dict[str, object]:
    return {
        "id": row.id,
        "name": row.name,
        "description": row.description,
        "price": {"amountMinor": row.price_minor, "currency": row.currency},
        "stock": row.stock,
        "sold": row.sold,
    }


def order_of(row: Order) -> dict[str, object]:
    price = row.unit_price_minor
    return {
        "id": row.id,
        "productId": row.product_id,
        "quantity": row.quantity,
        "unitPrice": {"amountMinor": price, "currency": row.currency},
        "total": {"amountMinor": price * row.quantity, "currency": row.currency},
        "createdAt": row.created_at,
    }


def list_products(request: HttpRequest) -> JsonResponse:
    limit = int(request.GET.get("limit", 20))
    offset = int(request.GET.get("offset", 0))
    rows = list(Product.objects.order_by("id")[offset : offset + limit + 1])
    return JsonResponse(
        {
            "items": [product_of(row) for row in rows[:limit]],
            "limit": limit,
            "offset": offset,
            "nextOffset": offset + limit if len(rows) > limit else None,
        }
    )


def view_product(_: HttpRequest, id: int) -> JsonResponse:
    return JsonResponse(product_of(get_object_or_404(Product, pk=id)))


def place_order(request: HttpRequest) -> JsonResponse:
    new = json.loads(request.body)
    with transaction.atomic():
        reserved = Product.objects.filter(
            pk=new["productId"], stock__gte=F("sold") + new["quantity"]
        ).update(sold=F("sold") + new["quantity"])
        if not reserved:
            return JsonResponse({}, status=409)
        product = Product.objects.get(pk=new["productId"])
        order = Order.objects.create(
            product=product,
            quantity=new["quantity"],
            unit_price_minor=product.price_minor,
            currency=product.currency,
        )
    return JsonResponse(order_of(order), status=201)


def view_order(_: HttpRequest, id: int) -> JsonResponse:
    return JsonResponse(order_of(get_object_or_404(Order, pk=id)))


urlpatterns = [
    path("products", list_products),
    path("products/<int:id>", view_product),
    path("orders", place_order),
    path("orders/<int:id>", view_order),
]
application = get_wsgi_application()
