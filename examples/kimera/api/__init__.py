"""The highest layer: what a user can ask the application to do, over HTTP and at the command line."""
