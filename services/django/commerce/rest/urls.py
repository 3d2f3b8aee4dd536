from django.urls import path

from commerce import operation
from commerce.rest import views

urlpatterns = [
    path("products", views.Products.as_view()),
    path("products/<str:id>", views.Product.as_view()),
    path("orders", views.Orders.as_view()),
    path("orders/<str:number>", views.Order.as_view()),
    path("sign-in", views.SignIn.as_view()),
    path("healthz", operation.is_alive),
    path("readyz", operation.is_ready),
]

handler400 = "commerce.problems.bad_request"
handler404 = "commerce.problems.not_found"
handler500 = "commerce.problems.internal_error"
