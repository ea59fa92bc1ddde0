"""Which view answers where."""

from django.urls import path

from tests.django.site import views

urlpatterns = [
    path("tokens", views.tokens),
    path("chat", views.chat),
    path("stream", views.stream),
    path("tokens-async", views.tokens_async),
    path("stream-async", views.stream_async),
]
