"""The highest layer: what a user can ask the application to do. Handlers live as long as one request."""
