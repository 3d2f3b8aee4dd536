"""The tables of sql/schema.sql, which the kit creates."""

from django.db import models


class User(models.Model):
    id = models.BigAutoField(primary_key=True)
    email = models.TextField(unique=True)
    password_hash = models.TextField()

    class Meta:
        managed = False
        db_table = "users"


class Product(models.Model):
    id = models.BigAutoField(primary_key=True)
    name = models.TextField()
    description = models.TextField()
    currency = models.TextField()
    shown = models.BooleanField(default=True)

    class Meta:
        managed = False
        db_table = "products"


class ProductItem(models.Model):
    id = models.BigAutoField(primary_key=True)
    product = models.ForeignKey(Product, models.DO_NOTHING)
    name = models.TextField()
    cost_minor = models.IntegerField()
    price_minor = models.IntegerField()
    active = models.BooleanField(default=True)
    sale_from = models.DateTimeField()
    sale_until = models.DateTimeField()
    stock = models.IntegerField()
    sold = models.IntegerField(default=0)

    class Meta:
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
        managed = False
        db_table = "orders"


class OrderItem(models.Model):
    id = models.BigAutoField(primary_key=True)
    order = models.ForeignKey(Order, models.DO_NOTHING)
    product_item = models.ForeignKey(ProductItem, models.DO_NOTHING)
    price_minor = models.IntegerField()

    class Meta:
        managed = False
        db_table = "order_items"
