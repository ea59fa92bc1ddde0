"""Values of collections: their configuration, their documents, and the requests about them."""
